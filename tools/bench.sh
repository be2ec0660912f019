#!/bin/sh
# bench.sh [NAME...]: prints every figure (tests/bench/*_bench.py), each as a ratio against a peer in the same run where one exists.
set -u
cd "$(dirname "$0")/.."
echo "$(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(date -u +%F)"
cmake --build --preset release --target loading_probe measured compose_serve >/dev/null || exit 1
failed=0
for bench in tests/bench/*_bench.py; do
  name=$(basename "$bench" _bench.py)
  [ $# -eq 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
  printf '\n%s\n' "$name"
  python3 "$bench" || failed=1
done
exit $failed
