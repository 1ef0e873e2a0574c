# What the scripts that install programs have in common. They source it. CACHE is where they keep what they make.
CACHE=${TODO_CACHE:-$HOME/.cache/todo-project}
export DEBIAN_FRONTEND=noninteractive

say() { printf '%s\n' "$*"; }
fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Runs a command quietly, says every 20 seconds that it still runs, and shows the end of its output if it fails.
patiently() {
  local what=$1 log pid began=$SECONDS
  shift
  log=$(mktemp)
  "$@" > "$log" 2>&1 &
  pid=$!
  while kill -0 "$pid" 2> /dev/null; do
    sleep 1
    (((SECONDS - began) % 20)) || say "  … $what: $((SECONDS - began)) s"
  done
  if ! wait "$pid"; then
    tail -n 30 "$log" >&2
    fail "$what failed (the whole output is in $log)"
  fi
  rm -f "$log"
  say "  $what: done in $((SECONDS - began)) s"
}

# debian PACKAGE… : installs Debian packages; says which where it cannot.
debian() {
  command -v apt-get > /dev/null || fail "this is no Debian: install what Debian calls $*, then run this again"
  if [ "$(id -u)" -eq 0 ]; then
    patiently "list of Debian packages" apt-get update -qq
    patiently "Debian packages $*" apt-get install -y -qq --no-install-recommends "$@"
  elif command -v sudo > /dev/null && sudo -n true 2> /dev/null; then
    patiently "list of Debian packages" sudo -n apt-get update -qq
    patiently "Debian packages $*" sudo -n DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
  else
    fail "as root, run: apt-get update && apt-get install -y $*   Then run this again"
  fi
}
