#!/usr/bin/env bash
# Installs or upgrades the application, goes back by itself when it does not come up or fails its smoke test.
#
#   deploy.sh ENVIRONMENT [--tag TAG] [options]
#
#   ENVIRONMENT          dev, staging, prod: takes ENVIRONMENT.values.json, which setup-doks.sh wrote into VALUES_FOLDER (var/deploy)
#   --tag TAG            the image's tag (default: the chart's appVersion)
#   --digest sha256:…    exactly this image, whatever its tag says by then
#   --values FILE        further values of the chart; may be repeated, later ones win
#   --managed            Kafka and Valkey are managed: values-doks-managed.yaml instead of values-doks.yaml
#   --namespace NAME     (default: todo)
#   --smoke-url URL      where to run smoke-test.sh afterwards (default: baseUrl of the values; "none": nowhere)
#   --restart            restart every role one pod after another, with nothing else changed: after an upgrade of Dapr
#   --dry-run            show what would be done
#
# Migrations run before any pod is replaced; if they fail, nothing was replaced. SMOKE_TOKEN is passed on to smoke-test.sh.
# Exit status: 0 deployed and tried, 1 the version before runs again (or nothing changed), 2 wrong usage.
# shellcheck source=deploy/scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

environment="" tag="" digest="" namespace=todo base=values-doks smoke="" restart="" further=()
release=todo-app
while [ $# -gt 0 ]; do
  case $1 in
    --tag) tag=$(value "$@"); shift ;;
    --digest) digest=$(value "$@"); shift ;;
    --values) further+=(--values "$(value "$@")"); shift ;;
    --managed) base=values-doks-managed ;;
    --namespace) namespace=$(value "$@"); shift ;;
    --smoke-url) smoke=$(value "$@"); shift ;;
    --restart) restart=yes ;;
    [a-z]*) [ -z "$environment" ] || wrong_usage "one environment at a time"; environment=$1 ;;
    *) common_option "$1" || wrong_usage "unknown: $1" ;;
  esac
  shift
done
[ -n "$environment" ] || wrong_usage "which environment?"
[[ $digest =~ ^(sha256:[0-9a-f]{64})?$ ]] || wrong_usage "--digest needs sha256: and 64 hexadecimal digits"
generated=$VALUES_FOLDER/$environment.values.json

kubectl=(kubectl --namespace "$namespace")

check_before() {
  [ -n "$DRY_RUN" ] || [ -r "$generated" ] || fail "$generated is missing: setup-doks.sh $environment writes it"
  asks "${kubectl[@]}" get secret todo || [ -n "$DRY_RUN" ] || fail "the Secret todo is missing in $namespace: setup-doks.sh makes it"
}

# The revision that is deployed now; empty before the first time.
revision() {
  local status
  [ -z "$DRY_RUN" ] && status=$(helm --namespace "$namespace" status "$release" --output json 2> /dev/null) || return 0
  jq -r .version <<< "$status"
}

upgrade() {
  run helm upgrade --install "$release" "$ROOT/charts/todo-app" --namespace "$namespace" \
    --values "$ROOT/charts/todo-app/$base.yaml" --values "$generated" ${further[@]+"${further[@]}"} \
    ${tag:+--set-string "image.tag=$tag"} ${digest:+--set-string "image.digest=$digest"} \
    --rollback-on-failure --wait --wait-for-jobs --timeout 15m
}

restart_roles() {
  run "${kubectl[@]}" rollout restart deployment --selector "app.kubernetes.io/instance=$release"
  run "${kubectl[@]}" rollout status deployment --selector "app.kubernetes.io/instance=$release" --timeout=15m
}

# go_back REVISION: of a first installation there is nothing to go back to.
go_back() {
  [ -n "$1" ] || fail "the smoke test failed, and there is no earlier version: look at it, or run cleanup.sh"
  run helm --namespace "$namespace" rollback "$release" "$1" --wait --timeout 15m
  fail "the smoke test failed; revision $1 runs again"
}

need_cluster
check_before
if [ -n "$restart" ]; then
  restart_roles
  exit 0
fi
before=$(revision)
upgrade
url=${smoke:-$(if [ -n "$DRY_RUN" ]; then echo https://HOST; else jq -r .baseUrl "$generated"; fi)}
if [ "$url" != none ]; then
  run "$SCRIPTS/smoke-test.sh" "$url" --wait 120 || go_back "$before"
fi
say "Deployed. What ran before is one command away: helm --namespace $namespace rollback $release ${before:-REVISION} --wait"
