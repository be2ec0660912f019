#!/bin/sh
# python-env.sh: build/venv with the independent AWS clients that the tests use (tests/requirements.txt).
set -eu
cd "$(dirname "$0")/.."
stamp=build/venv/requirements.stamp
cmp -s tests/requirements.txt $stamp && exit 0
rm -rf build/venv
/usr/bin/python3 -m venv --system-site-packages build/venv
build/venv/bin/pip install -q --disable-pip-version-check -r tests/requirements.txt
cp tests/requirements.txt $stamp
