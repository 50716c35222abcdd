/**
 * The file that aptly's commands write to `~/.aptly.conf` when there is none, as aptly does (spec/config.md 1): aptly's keys
 * with what they are for. aptly reads it too.
 */
export const configTemplate = `# Configuration of espejo and aptly: https://www.aptly.info/doc/configuration/
# Keys that are left out have their defaults. The keys of espejo's own commands (mirrors, publications, keys, server,
# schedule, limits) may stand here too; aptly ignores them.

# Everything is kept below this directory: db, pool, public, upload and skel.
root_dir: ~/.aptly

# trace, debug, info, warn, error, fatal, panic or disabled
log_level: info

# default, or json: one JSON object a message
log_format: default

# How often to try again to open a database that is in use; -1: as -db-open-attempts says
database_open_attempts: -1

# Architectures to work on; empty: all there are
architectures: []

# Do not look for package files where aptly before 1.1 kept them
skip_legacy_pool: true

# What counts as a dependency, and whether decisions are told
dep_follow_suggests: false
dep_follow_recommends: false
dep_follow_all_variants: false
dep_follow_source: false
dep_verboseresolve: false

# Where "ppa:user/project" leads
ppa_distributor_id: ubuntu
ppa_codename: ""
ppa_baseurl: http://ppa.launchpad.net

# The REST API
serve_in_api_mode: false
enable_metrics_endpoint: false
enable_swagger_endpoint: false
async_api: false

# leveldb or etcd; espejo keeps its own catalog beside it
database_backend:
    type: leveldb
    db_path: ""
    url: ""

# Downloads; the limit is in KiB a second, 0 is none
downloader: default
download_concurrency: 4
download_limit: 0
download_retries: 0
download_sourcepackages: false

# What signs and verifies: gpg, gpg1, gpg2 or internal
gpg_provider: gpg
gpg_disable_sign: false
gpg_disable_verify: false
gpg_keys: []

# What is left out of published repositories
skip_contents_publishing: false
skip_bz2_publishing: false

# Places to publish to besides root_dir/public, by name:
#   filesystem_publish_endpoints:
#     mirror:
#       root_dir: /srv/mirror
#       link_method: hardlink   # or symlink, copy
#       verify_method: md5      # for copy: or size
filesystem_publish_endpoints: {}
jfrog_publish_endpoints: {}
s3_publish_endpoints: {}
gcs_publish_endpoints: {}
swift_publish_endpoints: {}
azure_publish_endpoints: {}

# Where package files are kept: local, or azure with its account
packagepool_storage:
    type: local
    path: ""
`;
