#!/usr/bin/env bash
# Installs Dapr's services, three of each, with sidecars that "restricted" namespaces accept. Safe to repeat; a repeat upgrades.
#
#   install-dapr.sh [--dry-run]
#
# After an upgrade the roles keep their old sidecars until they are restarted: deploy.sh --restart does that, one pod after
# another. The version stands in deploy/platform/charts.json.
# shellcheck source=deploy/scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

while [ $# -gt 0 ]; do
  common_option "$1" || wrong_usage "unknown: $1"
  shift
done
need_cluster
install_chart dapr
run kubectl --namespace "$(chart dapr namespace)" rollout status deployment/dapr-sidecar-injector --timeout=5m
say "Dapr $(chart dapr version) runs."
