# An apt client that trusts the mirror's key and nothing else. Build from the top of the checkout:
#   docker build -f docker/client.Dockerfile --build-arg KEY=keys/espejo.pub.gpg -t espejo-client .
# BASE is any image with apt: Ubuntu 16.04 (apt 1.2) or newer, Debian 9 or newer.
ARG BASE=ubuntu:16.04

FROM ${BASE}
# Every other source and every other trusted key is taken away.
RUN rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/* \
 && mkdir -p /etc/apt/untrusted-keys /etc/apt/trusted.gpg.d \
 && find /etc/apt/trusted.gpg /etc/apt/trusted.gpg.d /etc/apt/keyrings ! -type d -exec mv {} /etc/apt/untrusted-keys/ ';' 2>/dev/null \
  ; test -z "$(find /etc/apt/trusted.gpg /etc/apt/trusted.gpg.d ! -type d 2>/dev/null)"
# The binary form: the only one that the apt of Ubuntu 16.04 reads in this directory.
ARG KEY=keys/espejo.pub.gpg
COPY ${KEY} /etc/apt/trusted.gpg.d/espejo.gpg
COPY docker/client-entrypoint /usr/local/bin/espejo-client
# apt reads keys as its own unprivileged user.
RUN chmod 0644 /etc/apt/trusted.gpg.d/espejo.gpg && chmod 0755 /usr/local/bin/espejo-client
ENV MIRROR_URL=http://mirror:8080/ubuntu \
    DISTRIBUTION=xenial \
    COMPONENTS=main \
    PACKAGES="" \
    WAIT_SECONDS=120 \
    KEEP=0
ENTRYPOINT ["/usr/local/bin/espejo-client"]
