# shellcheck shell=bash
# What the scripts of this folder share: it is sourced, never run.
set -euo pipefail

SCRIPTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$SCRIPTS/../.." && pwd)
PLATFORM=$ROOT/deploy/platform/charts.json
# Where setup-doks.sh writes what the chart must know of each environment, and deploy.sh reads it.
VALUES_FOLDER=${VALUES_FOLDER:-$ROOT/var/deploy}
DRY_RUN=${DRY_RUN:-}
YES=${YES:-}
# Newer AWS CLIs send checksums that only Amazon's own storage understands.
export AWS_REQUEST_CHECKSUM_CALCULATION=when_required AWS_RESPONSE_CHECKSUM_VALIDATION=when_required

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "$(basename "$0"): $*"
  exit 1
}

# usage: the comment at the top of the script, which is its --help.
usage() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"; }

# wrong_usage TEXT: ends with status 2, as every command line tool does.
wrong_usage() {
  say "$(basename "$0"): $*"
  say "Try: $0 --help"
  exit 2
}

# common_option ARGUMENT: handles what every script understands. False for what it does not know.
common_option() {
  case $1 in
    -h | --help)
      usage
      exit 0
      ;;
    --dry-run) DRY_RUN=yes ;;
    --yes) YES=yes ;;
    *) return 1 ;;
  esac
}

# value OPTION VALUE…: the value of an option; its absence is wrong usage.
value() {
  [ $# -ge 2 ] || wrong_usage "$1 needs a value"
  printf '%s' "$2"
}

# need PROGRAM…: says at once what is missing, and where it is to be had.
need() {
  local program missing=()
  [ -z "$DRY_RUN" ] || return 0
  for program in "$@"; do
    command -v "$program" > /dev/null || missing+=("$program")
  done
  [ ${#missing[@]} -eq 0 ] || fail "not installed: ${missing[*]}. docs/deployment.md says where each is to be had."
}

shown() { printf '+%s\n' "$(printf ' %q' "$@")" >&2; }

# run COMMAND…: shows it and runs it. With --dry-run it is only shown.
run() {
  shown "$@"
  [ -n "$DRY_RUN" ] || "$@"
}

# asks COMMAND…: a question that changes nothing. With --dry-run it is only shown, and the answer is no: a dry run
# shows everything that a first run would do.
asks() {
  if [ -n "$DRY_RUN" ]; then
    shown "$@"
    return 1
  fi
  "$@" > /dev/null 2>&1
}

# agree QUESTION: goes on after "yes" at the terminal, or with --yes.
agree() {
  local answer
  [ -z "$DRY_RUN$YES" ] || return 0
  [ -t 0 ] || fail "$1 Nobody is there to ask: repeat it with --yes."
  read -r -p "$1 Type yes to go on: " answer
  [ "$answer" = yes ] || fail "nothing was done"
}

# chart NAME KEY: what deploy/platform/charts.json says of one chart.
chart() { jq -er --arg name "$1" --arg key "$2" '.[$name][$key]' "$PLATFORM"; }

# install_chart NAME: installs or upgrades a chart of the platform, and waits until what it made is ready. Helm installs
# the definitions in a chart's crds/ once and never upgrades them, so they are applied on their own.
install_chart() {
  local name=$1 source=("$1")
  local namespace repository
  namespace=$(chart "$name" namespace)
  repository=$(chart "$name" repository)
  case $repository in
    oci://*) source=("$repository/$name") ;;
    *) source+=(--repo "$repository") ;;
  esac
  source+=(--version "$(chart "$name" version)")
  if [ "$(chart "$name" definitions)" = yes ]; then apply_definitions "${source[@]}"; fi
  run helm upgrade --install "$name" "${source[@]}" --namespace "$namespace" --create-namespace \
    --values "$ROOT/deploy/platform/values/$name.yaml" --skip-crds --rollback-on-failure --wait --timeout 10m
}

apply_definitions() {
  shown helm show crds "$@"
  shown kubectl apply --server-side --force-conflicts --filename -
  [ -n "$DRY_RUN" ] || helm show crds "$@" | kubectl apply --server-side --force-conflicts --filename -
}

# need_cluster: the cluster that kubectl talks to, so that nobody installs into the wrong one.
need_cluster() {
  need kubectl helm jq
  [ -n "$DRY_RUN" ] || [[ $(helm version --template '{{.Version}}') == v4.* ]] || fail "this needs Helm 4: $(helm version --short)"
  [ -n "$DRY_RUN" ] || say "Cluster: $(kubectl config current-context)"
}
