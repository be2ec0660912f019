#!/bin/sh
# install-packages.sh GROUP...: installs the Debian packages of these groups that are missing, after printing the list.
# Uses sudo when not root. Groups: tools/packages.txt.
set -eu
cd "$(dirname "$0")/.."
missing=""
for group in "$@"; do
  for package in $(sed -n "s/^$group //p" tools/packages.txt); do
    # A tool that is already there from elsewhere (a newer docker, say) is as good as its package.
    case $package in
      docker.io) command -v dockerd >/dev/null 2>&1 && command -v docker >/dev/null 2>&1 && continue ;;
      curl|python3|cmake|ccache|file|iptables) command -v "$package" >/dev/null 2>&1 && continue ;;
      awscli) command -v aws >/dev/null 2>&1 && continue ;;
      ninja-build) command -v ninja >/dev/null 2>&1 && continue ;;
    esac
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
done
[ -n "$missing" ] || exit 0
echo "Installing Debian packages:$missing"
as_root=""
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null 2>&1 || { echo "not root and no sudo: install these packages yourself" >&2; exit 1; }
  as_root=sudo
fi
export DEBIAN_FRONTEND=noninteractive
if ! $as_root apt-get install -y -qq --no-install-recommends $missing >/tmp/docker-ecs-apt.$$ 2>&1; then
  $as_root apt-get update -qq
  $as_root apt-get install -y -qq --no-install-recommends $missing >/tmp/docker-ecs-apt.$$ 2>&1 || { cat /tmp/docker-ecs-apt.$$ >&2; exit 1; }
fi
rm -f /tmp/docker-ecs-apt.$$
