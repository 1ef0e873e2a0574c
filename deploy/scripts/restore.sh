#!/usr/bin/env bash
# Makes a database of a backup that backup.sh wrote, and compares what came of it with the backup's manifest.
#
#   DATABASE_URL=postgres://… restore.sh --from FILE.json [options]
#
#   --from FILE.json     the manifest; the dump is beside it
#   --key-file FILE      the password of a backup that openssl encrypted
#   --identity FILE      the private key of a backup that age encrypted
#   --jobs N             restore with N connections. An encrypted dump then lies readable in TMPDIR meanwhile
#   --verify COMMAND     afterwards run the application's own proof, such as "python manage.py verify_events"
#   --dry-run, --yes     show what would be done; do not ask
#
# The database must be there and empty, and nobody else may be connected to it. With one job everything happens in one
# transaction: what fails leaves the database empty. docs/disaster-recovery.md says what comes before and after.
# Exit status: 0 restored and compared, 1 refused or failed, 2 wrong usage.
# shellcheck source=deploy/scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=deploy/scripts/postgres.sh
source "$SCRIPTS/postgres.sh"

from="" key_file="" identity="" jobs=1 verify=""
while [ $# -gt 0 ]; do
  case $1 in
    --from) from=$(value "$@"); shift ;;
    --key-file) key_file=$(value "$@"); shift ;;
    --identity) identity=$(value "$@"); shift ;;
    --jobs) jobs=$(value "$@"); shift ;;
    --verify) verify=$(value "$@"); shift ;;
    *) common_option "$1" || wrong_usage "unknown: $1" ;;
  esac
  shift
done
[ -n "$from" ] || wrong_usage "--from is missing"
[ -r "$from" ] || wrong_usage "$from cannot be read"
[[ $jobs =~ ^[1-9][0-9]*$ ]] || wrong_usage "--jobs needs a number from 1 on"
connect "$(database_url)"

of_manifest() { jq -er "$1" "$from"; }

check_file() {
  [ "$(of_manifest .format)" = 1 ] || fail "$from is not a manifest that this version understands"
  [ -r "$dump" ] || fail "$dump is missing"
  [ "$(sha256sum < "$dump" | cut -d' ' -f1)" = "$(of_manifest .sha256)" ] ||
    fail "$dump is not what was written: its checksum differs from the manifest's. Take another backup."
}

check_key() {
  case $encryption in
    age) [ -r "$identity" ] || wrong_usage "the backup is encrypted with age: --identity" ;;
    openssl-aes-256-cbc) [ -r "$key_file" ] || wrong_usage "the backup is encrypted with openssl: --key-file" ;;
    none) ;;
    *) fail "encrypted by $encryption, which this version does not know" ;;
  esac
}

check_target() {
  local tables others
  tables=$(ask "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'")
  [ "$tables" = 0 ] || fail "the database $PGDATABASE on $PGHOST is not empty ($tables tables). Restore into a new one."
  others=$(ask "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'")
  [ "$others" = 0 ] || fail "$others other sessions use $PGDATABASE. Stop the roles first."
}

decrypted() {
  case $encryption in
    age) age --decrypt --identity "$identity" "$dump" ;;
    openssl-aes-256-cbc) openssl enc -d -aes-256-cbc -pbkdf2 -iter 600000 -pass "file:$key_file" -in "$dump" ;;
    none) cat "$dump" ;;
  esac
}

# Comments on extensions may be made by their owner alone, who is often somebody else on managed servers.
restore() { pg_restore --exit-on-error --no-owner --no-acl --no-comments --dbname "$PGDATABASE" "$@"; }

restore_at_once() { decrypted | restore --single-transaction; }

# Only a file can be read by several at once.
restore_with_jobs() {
  local readable=$dump
  if [ "$encryption" != none ]; then
    readable=$work/dump
    decrypted > "$readable"
  fi
  restore --jobs "$jobs" "$readable"
}

compare() {
  local found
  found=$(ask "$CONTENTS" | jq -cS .)
  [ "$found" = "$(jq -cS .contents "$from")" ] ||
    fail "what is in the database is not what the manifest says. Found: $found"
}

# Transaction numbers belong to a cluster. The relay keeps the cluster's identifier beside its cursor: when it starts on
# another one, it numbers the outbox anew and publishes it once more, to no further effect.
tell_of_the_relay() {
  if [ "$(ask "$CLUSTER")" = "$(of_manifest .cluster)" ]; then
    say "The same cluster as the backup's: the relay goes on from its cursor."
  else
    say "Another cluster than the backup's: at its start the relay publishes $(of_manifest .contents.outbox.rows) events once more." \
      "Each has its effect only once. Keep RELAY_SHARDS as it was until then."
  fi
}

need psql pg_restore jq sha256sum
dump=$(dirname "$from")/$(jq -r .file "$from")
encryption=$(jq -r .encryption "$from")
check_file
check_key
[ "$encryption" != age ] || need age
[ "$encryption" != openssl-aes-256-cbc ] || need openssl
if [ -n "$DRY_RUN" ]; then
  shown pg_restore --exit-on-error --no-owner --no-acl --host "$PGHOST" --port "$PGPORT" --dbname "$PGDATABASE" "$dump"
  exit 0
fi
check_target
agree "Restore $(of_manifest '"\(.file) of \(.taken_at) (\(.contents.tasks) tasks)"') into $PGDATABASE on $PGHOST?"
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ "$jobs" = 1 ]; then restore_at_once; else restore_with_jobs; fi
ask "ANALYZE"
compare
say "Restored in $SECONDS s: $(of_manifest '"\(.contents.tasks) tasks, the log up to entry \(.contents.log.last_id)"'), as the manifest says."
tell_of_the_relay
if [ -n "$verify" ]; then
  say "+ $verify"
  DATABASE_URL=$(database_url) bash -c "$verify"
fi
