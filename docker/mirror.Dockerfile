# The mirror server. Build from the top of the checkout:
#   docker build -f docker/mirror.Dockerfile -t espejo .
# BASE is any glibc image with Node 24 and npm.
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /opt/espejo
COPY package.json package-lock.json .npmrc ./
# No dependency needs its install script (lzma-native carries a prebuilt binary), so none is run.
# The optional one is Node itself, which the base has.
RUN npm ci --ignore-scripts --omit=optional
COPY tsconfig.json ./
COPY test/config/tsconfig.build.json test/config/
COPY docker/slim-modules docker/slim-modules
COPY src src
RUN npm run build \
 && npm prune --omit=dev --omit=optional --ignore-scripts \
 && docker/slim-modules node_modules \
 && node -e "Promise.all(Object.keys(require('./package.json').dependencies).map((name) => import(name)))"

FROM ${BASE}
# What aptly's commands run: bzip2 for .bz2 indexes, gpg for keys that are not espejo's own.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends bzip2 gpg gpg-agent \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log
RUN groupadd --gid 10001 espejo \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/espejo --shell /usr/sbin/nologin espejo \
 && install -d -o espejo -g espejo -m 0755 /var/lib/espejo \
 && install -d -o espejo -g espejo -m 0700 /keys
WORKDIR /opt/espejo
COPY package.json LICENSE ./
COPY --from=build /opt/espejo/node_modules node_modules
COPY --from=build /opt/espejo/dist dist
COPY bin bin
COPY data data
COPY keys keys
COPY docker/entrypoint docker/healthcheck docker/
# The default configuration: mount another over /etc/espejo/espejo.yaml. Three paths are those of the image.
RUN mkdir -p /etc/espejo \
 && sed -e 's#\.\./keys/#/opt/espejo/keys/#' -e 's|^  # directory: .*|  directory: /keys|' \
      -e 's|^root_dir: .*|root_dir: /var/lib/espejo|' data/xenial.yaml >/etc/espejo/espejo.yaml \
 && grep -q '^root_dir: /var/lib/espejo$' /etc/espejo/espejo.yaml \
 && grep -q '^  directory: /keys$' /etc/espejo/espejo.yaml
# Where espejo looks for its configuration first, so that `docker exec mirror espejo sync` needs no -config.
WORKDIR /etc/espejo
ENV NODE_ENV=production \
    HOME=/var/lib/espejo \
    PATH=/opt/espejo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
USER 10001:10001
# Packages, catalog and published tree. /keys holds the signing key: back it up, clients trust it.
VOLUME ["/var/lib/espejo", "/keys"]
EXPOSE 8080
# The first sync may take long, so failures count only after the start period; success counts at once.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30m --retries=3 \
  CMD ["/opt/espejo/docker/healthcheck"]
ENTRYPOINT ["/opt/espejo/docker/entrypoint"]
