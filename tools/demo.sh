#!/bin/sh
# demo.sh: the whole walk-through on one machine, no AWS account: called by `make demo` with the built plugin installed.
set -eu
cd "$(dirname "$0")/../examples/timestamper"
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { say "\$ $*"; "$@"; }

# The stack runs on this machine's Docker Engine: the default context.
DOCKER_CONTEXT=default
export DOCKER_CONTEXT
unset DOCKER_HOST || true

run docker ecs compose up
run docker ecs compose ps
url=$(docker ecs compose ps --format json | python3 -c '
import json, sys
ports = [p for s in json.load(sys.stdin) for p in s.get("Publishers") or []]
print(ports[0]["URL"] if ports else "")')
[ -n "$url" ] || { echo "no published address in compose ps" >&2; exit 1; }
run curl -fsS "$url/"
run curl -fsS "$url/"
say "It runs. Open $url/ in a browser."
cat <<END
  logs:   (cd examples/timestamper && docker ecs compose logs --follow)
  stop:   make demo-down
  look:   aws --endpoint-url http://127.0.0.1:4566 --region us-east-1 cloudformation describe-stacks
END
