#!/bin/bash
# make-images.sh [sample|test]...: makes the sample's images (redis:7-alpine, timestamper:latest) and the tests' image
# (docker-ecs-test/busybox:1) unless they are there. The Dockerfiles build on the public base images where a registry can
# be reached, else on bases made from Debian packages. Every image carries the label com.docker.ecs.demo.
set -euo pipefail
cd "$(dirname "$0")/.."
environment='ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
label='LABEL com.docker.ecs.demo=1'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

have() { docker image inspect "$1" >/dev/null 2>&1; }

registry_answers() {
  [ -n "${registry:-}" ] || { timeout 20 docker pull -q "$1" >/dev/null 2>&1 && registry=yes || registry=no; }
  [ "$registry" = yes ]
}

# NAME PACKAGE...: an image of these Debian packages
import_base() {
  local name=$1
  shift
  ls /var/lib/apt/lists/*Packages* >/dev/null 2>&1 || apt-get update -qq
  tools/deb-rootfs.sh "$work/$name" "$@"
  tar -C "$work/$name" -c . | docker import -c "$environment" -c "$label" - "docker-ecs-base/$name:1" >/dev/null
}

# IMAGE DIRECTORY [BASE]
build() {
  # The builder's deprecation notice is noise here; its errors are not.
  docker build -q ${3:+--build-arg "BASE=$3"} -t "$1" "$2" >"$work/build-${1%%:*}.log" 2>&1 || { cat "$work/build-${1%%:*}.log" >&2; return 1; }
  echo "made image $1"
}

make_backend() {
  have redis:7-alpine && return
  if registry_answers redis:7-alpine; then return; fi
  import_base redis redis-server busybox-static
  build redis:7-alpine examples/timestamper/backend docker-ecs-base/redis:1
}

make_frontend() {
  have timestamper:latest && return
  if registry_answers python:3.11-slim; then
    build timestamper:latest examples/timestamper/frontend
  else
    import_base python python3-flask python3-redis busybox-static
    build timestamper:latest examples/timestamper/frontend docker-ecs-base/python:1
  fi
}

make_test_image() {
  have docker-ecs-test/busybox:1 && return
  import_base busybox busybox-static
  docker tag docker-ecs-base/busybox:1 docker-ecs-test/busybox:1
  echo "made image docker-ecs-test/busybox:1"
}

for what in "${@:-sample}"; do
  case $what in
    sample) make_backend & backend=$!; make_frontend & frontend=$!; wait $backend; wait $frontend ;;
    test) make_test_image ;;
    *) echo "usage: $0 [sample|test]..." >&2; exit 2 ;;
  esac
done
