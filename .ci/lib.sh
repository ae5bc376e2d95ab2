# shellcheck shell=bash
# Sourced by the scripts beside it: steps that run side by side, and where Debian's packages are.

declare -A step_pid
logs=.tools/logs

# begin NAME COMMAND…: run it in the background; its output and its duration go to files.
begin() {
  local name=$1
  shift
  mkdir -p "$logs"
  (
    SECONDS=0
    trap 'echo "$SECONDS" >"$logs/$name.seconds"' EXIT
    "$@"
  ) >"$logs/$name.log" 2>&1 </dev/null &
  step_pid[$name]=$!
}

# finish NAME: wait for the step and print its duration. A failed one shows the end of its log and
# ends the script, but only after the other steps: half an apt-get install breaks the next run.
finish() {
  local name=$1 status=0
  wait "${step_pid[$name]}" || status=$?
  if ((status == 0)); then
    printf '%-12s %4s s\n' "$name" "$(<"$logs/$name.seconds")"
    return
  fi
  printf 'FAILED: %s (status %s). The end of %s:\n' "$name" "$status" "$logs/$name.log" >&2
  tail -n 40 "$logs/$name.log" >&2
  wait
  exit "$status"
}

# The mirror that this machine's apt uses for a Debian release, so that none is named here.
debian_mirror() {
  apt-get --print-uris update | sed -n "s|^'\(.*\)/dists/$1/InRelease' .*|\1|p"
}

# usage SCRIPT: print its usage, which is the block of its head that starts so.
usage() {
  sed -n '/^# usage:/,/^#$/s/^# //p' "$1" >&2
}
