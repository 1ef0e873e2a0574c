#!/usr/bin/env bash
# Writes a backup of the database: one file by pg_dump, and a manifest beside it that says what is in it.
#
#   DATABASE_URL=postgres://… backup.sh --to FOLDER [options]
#
#   --to FOLDER          where the two files go: todo-TIME.dump and todo-TIME.json
#   --key-file FILE      encrypt with openssl and the password in this file
#   --recipient KEY      encrypt with age for this public key instead: who writes backups cannot read them
#   --keep N             afterwards remove all but the newest N backups of the folder
#   --upload s3://B/P    copy both files there with the AWS CLI; S3_ENDPOINT for Spaces (https://REGION.digitaloceanspaces.com)
#   --dry-run            show what would be done
#
# The database goes on working. DATABASE_URL (or DATABASE_URL_FILE) must reach it without a pooler. The manifest's counts are
# those of the very snapshot that the dump holds, so restore.sh can compare. Nothing is left behind when it fails.
# Exit status: 0 done, 1 failed, 2 wrong usage.
# shellcheck source=deploy/scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=deploy/scripts/postgres.sh
source "$SCRIPTS/postgres.sh"

to="" key_file="" recipient="" keep="" upload=""
while [ $# -gt 0 ]; do
  case $1 in
    --to) to=$(value "$@"); shift ;;
    --key-file) key_file=$(value "$@"); shift ;;
    --recipient) recipient=$(value "$@"); shift ;;
    --keep) keep=$(value "$@"); shift ;;
    --upload) upload=$(value "$@"); shift ;;
    *) common_option "$1" || wrong_usage "unknown: $1" ;;
  esac
  shift
done
[ -n "$to" ] || wrong_usage "--to is missing"
[[ $keep =~ ^([1-9][0-9]*)?$ ]] || wrong_usage "--keep needs a number from 1 on"
[ -z "$key_file" ] || [ -z "$recipient" ] || wrong_usage "--key-file or --recipient, not both"
[ -z "$key_file" ] || [ -s "$key_file" ] || wrong_usage "$key_file is missing or empty"
connect "$(database_url)"

# begin_snapshot: holds one snapshot open in a session of its own, for pg_dump and for the counts.
begin_snapshot() {
  coproc SESSION { psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1; }
  # Bash forgets both when the session ends.
  session_in=${SESSION[1]} session_out=${SESSION[0]}
  snapshot=$(in_session "SET idle_in_transaction_session_timeout = 0; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_export_snapshot();")
}

in_session() {
  local answer
  printf '%s\n' "$1" >&"$session_in"
  read -r -u "$session_out" answer || fail "the database does not answer"
  printf '%s' "$answer"
}

encryption() {
  if [ -n "$recipient" ]; then
    echo age
  elif [ -n "$key_file" ]; then
    echo openssl-aes-256-cbc
  else
    echo none
  fi
}

encrypted() {
  case $(encryption) in
    age) age --encrypt --recipient "$recipient" ;;
    openssl-aes-256-cbc) openssl enc -aes-256-cbc -salt -pbkdf2 -iter 600000 -pass "file:$key_file" ;;
    none) cat ;;
  esac
}

write_dump() { pg_dump --format custom --no-owner --no-acl --snapshot "$snapshot" | encrypted > "$1"; }

write_manifest() {
  local dump=$1 contents cluster
  contents=$(in_session "$CONTENTS;")
  cluster=$(in_session "$CLUSTER;")
  jq -n --arg file "$name.dump" --arg taken_at "$taken_at" --arg sha256 "$(sha256sum < "$dump" | cut -d' ' -f1)" \
    --argjson bytes "$(stat -c %s "$dump")" --arg encryption "$(encryption)" --arg cluster "$cluster" \
    --arg server "$(ask 'SHOW server_version')" --argjson seconds "$((SECONDS))" --argjson contents "$contents" \
    '{format: 1, $file, $taken_at, $seconds, $bytes, $sha256, $encryption, $server, $cluster, $contents}'
}

remove_old() {
  local old
  find "$to" -maxdepth 1 -name 'todo-*.json' | sort -r | tail -n "+$((keep + 1))" | while read -r old; do
    run rm -f "$old" "${old%.json}.dump"
  done
}

send() { run aws s3 cp ${S3_ENDPOINT:+--endpoint-url "$S3_ENDPOINT"} --only-show-errors "$1" "$upload/$(basename "$1")"; }

need psql pg_dump jq sha256sum
[ -z "$recipient" ] || need age
[ -z "$key_file" ] || need openssl
[ -z "$upload" ] || need aws
taken_at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
name=todo-$(date -u +%Y%m%dT%H%M%SZ)
if [ -n "$DRY_RUN" ]; then
  shown pg_dump --format custom --host "$PGHOST" --port "$PGPORT" "$PGDATABASE"
  say "  … encrypted by: $(encryption), to $to/$name.dump with its manifest $to/$name.json"
else
  umask 077
  mkdir -p "$to"
  part=$(mktemp -d "$to/.part.XXXXXX")
  trap 'rm -rf "$part"' EXIT
  begin_snapshot
  write_dump "$part/$name.dump"
  write_manifest "$part/$name.dump" > "$part/$name.json"
  # The manifest comes last: where there is one, there is a whole backup.
  mv "$part/$name.dump" "$part/$name.json" "$to/"
  say "$(jq -r '"\(.file): \(.bytes) bytes, \(.contents.tasks) tasks, the log up to entry \(.contents.log.last_id)"' "$to/$name.json")"
fi
if [ -n "$upload" ]; then
  send "$to/$name.dump"
  send "$to/$name.json"
fi
if [ -n "$keep" ] && [ -z "$DRY_RUN" ]; then remove_old; fi
echo "$to/$name.json"
