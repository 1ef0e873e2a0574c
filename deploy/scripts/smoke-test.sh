#!/usr/bin/env bash
# Asks a running installation whether it works: health, pages, API, and with a token one task from its making to its history.
#
#   smoke-test.sh URL [--token-file FILE] [--wait SECONDS]
#
#   URL                 https://todo.example.com, or http://localhost:8000 for `make run` and `make stack`
#   --token-file FILE   an API token with the scope tasks:write (manage.py create_api_token); or SMOKE_TOKEN
#   --wait SECONDS      how long the installation has for its first answer, and for the history (default: 60)
#
# With a token a task is created and moved to the trash. Its event travels through outbox, relay, Kafka, delivery and worker, so a
# history that shows it shows that all of them work. Exit status: 0 all is well, 1 something is not, 2 wrong usage.
# shellcheck source=deploy/scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

url="" token_file="" patience=60
while [ $# -gt 0 ]; do
  case $1 in
    --token-file) token_file=$(value "$@"); shift ;;
    --wait) patience=$(value "$@"); shift ;;
    -*) common_option "$1" || wrong_usage "unknown: $1" ;;
    *) [ -z "$url" ] || wrong_usage "one URL is enough"; url=${1%/} ;;
  esac
  shift
done
[[ $url =~ ^https?:// ]] || wrong_usage "the URL is missing"
[[ $patience =~ ^[0-9]+$ ]] || wrong_usage "--wait needs a number of seconds"

if [ -n "$token_file" ]; then SMOKE_TOKEN=$(cat "$token_file"); fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# get PATH…: the status; the body is in $work/body. Further arguments go to curl.
get() {
  local path=$1
  shift
  curl --silent --show-error --max-time 15 --output "$work/body" --write-out '%{http_code}' "$@" "$url$path" 2> "$work/error" || true
}

# expect STATUS WHAT PATH…: fails with what came instead.
expect() {
  local status=$1 what=$2 found
  shift 2
  found=$(get "$@")
  [ "$found" = "$status" ] || fail "$what: $url$1 answered ${found:-nothing} instead of $status. $(cat "$work/error") $(head -c 500 "$work/body" 2> /dev/null)"
  say "ok  $what"
}

# The token stands in a file that only we can read, not on curl's command line.
api() {
  local what=$1 status=$2
  shift 2
  expect "$status" "$what" "$@" --header "@$work/authorization" --header 'Content-Type: application/json'
}

wait_until_ready() {
  local deadline=$((SECONDS + patience))
  until [ "$(get /health/ready)" = 200 ]; do
    [ $SECONDS -lt $deadline ] || fail "not ready within $patience s: $(cat "$work/error" "$work/body" 2> /dev/null)"
    sleep 1
  done
  say "ok  ready"
}

follow_a_task() {
  local task title deadline
  title="Smoke test $(date -u +%Y%m%dT%H%M%S) $RANDOM"
  printf 'Authorization: Bearer %s\n' "$SMOKE_TOKEN" > "$work/authorization"
  api "the API takes a task" 201 /api/tasks --data "{\"title\": \"$title\"}"
  task=$(sed -n 's/.*"id": *"\([^"]*\)".*/\1/p' "$work/body" | head -n 1)
  [ -n "$task" ] || fail "the API's answer has no id: $(head -c 500 "$work/body")"
  deadline=$((SECONDS + patience))
  api "the history answers" 200 "/api/tasks/$task/history"
  until grep -q 'task\.created' "$work/body"; do
    [ $SECONDS -lt $deadline ] || fail "the task's event is not in its history after $patience s: look at relay, events and worker"
    sleep 0.2
    get "/api/tasks/$task/history" --header "@$work/authorization" > /dev/null
  done
  say "ok  the task's event is in its history"
  api "the task goes to the trash" 204 "/api/tasks/$task" --request DELETE
}

need curl
if [ -n "$DRY_RUN" ]; then
  shown curl "$url/health/ready"
  shown curl "$url/accounts/login/"
  shown curl "$url/api/schema/"
  exit 0
fi
umask 077
wait_until_ready
expect 200 "it lives" /health/live
expect 200 "people can sign in" /accounts/login/
expect 401 "the API is closed to strangers" /api/tasks
expect 404 "metrics are not public" /metrics
if [ -n "${SMOKE_TOKEN:-}" ]; then
  follow_a_task
else
  say "--  no token: the path of an event was not tried"
fi
say "$url works."
