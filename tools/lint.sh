#!/bin/sh
# lint.sh [BASE]: formatting of every source, layering, documented diagnostics; clang-tidy on what changed since BASE (main), or
# on every file (all).
set -u
cd "$(dirname "$0")/.."
base=${1:-main}
failed=0
git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 --dry-run -Werror 2>&1 | head -n 40 | grep . && failed=1
python3 tools/check_layers.py . || failed=1
python3 tools/check_unity.py . || failed=1
python3 tools/check_diagnostics.py . || failed=1
if [ "$base" = all ]; then
  changed=$(git ls-files 'src/*.cpp')
else
  changed=$(git diff --name-only --diff-filter=d "$(git merge-base HEAD "$base")" -- 'src/*.cpp')
fi
if [ -n "$changed" ]; then
  cmake --preset tidy >/dev/null && cmake --build --preset tidy --target awsapi_generated >/dev/null
  echo "$changed" | xargs -P 2 -n 4 clang-tidy-19 -p build/tidy --quiet 2>/dev/null || failed=1
fi
exit $failed
