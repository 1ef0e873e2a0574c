# shellcheck shell=bash
# How backup.sh and restore.sh reach PostgreSQL: it is sourced, never run.

# The password goes into the environment, not into a command line that everybody on the machine can read.
# connect URL: lets psql, pg_dump and pg_restore reach postgres://user:password@host:port/name?sslmode=…
connect() {
  local pattern='^postgres(ql)?://([^:@/]+)(:([^@/]*))?@([^:/?]+)(:([0-9]+))?/([^?]+)(\?(.*))?$'
  [[ $1 =~ $pattern ]] || fail "DATABASE_URL is not of the form postgres://user:password@host:port/name"
  PGUSER=$(decoded "${BASH_REMATCH[2]}")
  PGPASSWORD=$(decoded "${BASH_REMATCH[4]}")
  PGHOST=${BASH_REMATCH[5]}
  PGPORT=${BASH_REMATCH[7]:-5432}
  PGDATABASE=$(decoded "${BASH_REMATCH[8]}")
  PGAPPNAME=$(basename "$0")
  export PGUSER PGPASSWORD PGHOST PGPORT PGDATABASE PGAPPNAME
  if [[ ${BASH_REMATCH[10]:-} =~ sslmode=([a-z-]+) ]]; then export PGSSLMODE=${BASH_REMATCH[1]}; fi
}

# database_url: from the option, the environment, or the file that DATABASE_URL_FILE names.
database_url() {
  if [ -n "${DATABASE_URL_FILE:-}" ]; then DATABASE_URL=$(cat "$DATABASE_URL_FILE"); fi
  [ -n "${DATABASE_URL:-}" ] || wrong_usage "set DATABASE_URL (or DATABASE_URL_FILE)"
  printf '%s' "$DATABASE_URL"
}

decoded() { printf '%b' "${1//%/\\x}"; }

# ask SQL: the answer, one row a line, columns divided by |.
ask() { psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --command "$1"; }

# What a backup holds, as one JSON object. Run in the snapshot of the dump, and again in what was made of it.
# shellcheck disable=SC2034  # used by the scripts that source this
CONTENTS="
SELECT json_build_object(
  'tasks', (SELECT count(*) FROM tasks_task),
  'outbox', (SELECT json_build_object('rows', count(*), 'last_id', coalesce(max(id), 0)) FROM events_outboxevent),
  'log', (SELECT json_build_object('rows', count(*), 'last_id', coalesce(max(id), 0), 'last_at', max(occurred_at))
          FROM events_taskeventlog),
  'receipts', (SELECT count(*) FROM events_consumedevent),
  'migrations', (SELECT json_agg(app || '.' || name ORDER BY app, name) FROM django_migrations))"
# shellcheck disable=SC2034
CLUSTER="SELECT system_identifier FROM pg_control_system()"
