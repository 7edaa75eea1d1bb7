#!/bin/sh
# The quick start's whole life in the local sandbox: plan, apply, an empty plan, a change that rolls through model,
# configuration and endpoint in order, and destroy. Ends by itself; fails if anything is left behind.
set -eu
unset AWS_PROFILE AWS_REGION AWS_DEFAULT_REGION || true   # the sandbox needs none of them
examples=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$examples/quickstart" "$work/quickstart"
cd "$work"

say() { printf '\n\033[1m%s\033[0m\n' "── $*"; }
[ -t 1 ] || say() { printf '\n== %s\n' "$*"; }

run() {  # run EXPECTED-EXIT COMMAND...: shows the command, and insists on how it ends
  expected=$1; shift
  printf '$ %s\n' "$*"
  code=0
  "$@" || code=$?
  [ "$code" -eq "$expected" ] || { echo "demo: exit $code instead of $expected: $*" >&2; exit 1; }
}

brief() {  # as run, but of the plan that apply and destroy show once more only the headings are left
  expected=$1; shift
  printf '$ %s\n' "$*"
  { code=0; "$@" || code=$?; echo "$code" >code; } | awk '/^Plan: /{on=1} on || /^  # .* will be /{print; fflush()}'
  [ "$(cat code)" -eq "$expected" ] || { echo "demo: exit $(cat code) instead of $expected: $*" >&2; exit 1; }
}

say "1. What would be done? Nothing is called that changes anything (exit 2: there are changes)"
run 2 sagectl plan quickstart --sandbox

say "2. Do it, in the order of the links, and wait until the endpoint is proved to serve"
brief 0 sagectl apply quickstart --sandbox --yes

say "3. The same plan again is empty (exit 0)"
run 0 sagectl plan quickstart --sandbox

say "4. In a copy: a newly trained champion, and a larger instance type"
sed -e 's|fraud/2025-10/model|fraud/2025-11/model|' -e 's|ml\.m5\.large|ml.m5.xlarge|' \
  quickstart/serving.yaml >serving.changed
diff quickstart/serving.yaml serving.changed | grep '^[<>]' 
mv serving.changed quickstart/serving.yaml

say "5. Model and configuration can't be changed in AWS: new generations, and the endpoint moves over"
run 2 sagectl plan quickstart --sandbox
brief 0 sagectl apply quickstart --sandbox --yes
run 0 sagectl plan quickstart --sandbox
run 0 sagectl status quickstart --sandbox

say "6. Delete all of it, in reverse order"
brief 0 sagectl destroy quickstart --sandbox --yes

say "7. What is left in the sandbox?"
python - <<'PYTHON'
from pathlib import Path

from controller.sandbox import Sandbox, WallClock

left = Sandbox(clock=WallClock(), state=Path(".sagectl/sandbox.sqlite")).resources()
print("\n".join(left) or "nothing: the sandbox is empty")
raise SystemExit(1 if left else 0)
PYTHON
