#!/bin/sh
# demo-down.sh: removes the demo's stack, the local engine and everything it made; the images stay.
set -eu
cd "$(dirname "$0")/../examples/timestamper"
DOCKER_CONTEXT=default
export DOCKER_CONTEXT
command -v docker >/dev/null 2>&1 || exit 0
docker ecs version >/dev/null 2>&1 || { echo "docker-ecs is not installed; nothing to stop"; exit 0; }
docker ecs compose down
docker ecs local reset --force
