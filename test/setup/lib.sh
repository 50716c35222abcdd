# shellcheck shell=bash disable=SC2034
# Shared by the scripts of this folder; source it, do not run it. Sets: repo, cache, images.
# Environment: ESPEJO_CACHE (default <repo>/.cache), ESPEJO_TEST_IMAGES (image name prefix, default espejo-test).
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${ESPEJO_CACHE:-$repo/.cache}
images=${ESPEJO_TEST_IMAGES:-espejo-test}
mkdir -p "$cache"

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# Runs a command as root: directly, or through sudo that asks nothing.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo -n -- "$@"
  fi
}

# attempts <count> <command...>: runs it until it succeeds, with a growing pause.
attempts() {
  local left=$1 pause=2
  shift
  until "$@"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    say "failed, trying again in ${pause}s: $*"
    sleep "$pause"
    pause=$((pause * 2))
  done
}

# Prints the version of the engine that answers.
engine_reachable() {
  local version
  version=$(timeout 20 docker version --format '{{.Server.Version}}' 2>/dev/null) && echo "$version"
}
