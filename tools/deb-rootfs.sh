#!/bin/bash
# deb-rootfs.sh DIRECTORY PACKAGE...: unpacks the packages and everything they depend on into DIRECTORY, without running
# their scripts: a container's root file system from Debian packages alone, for machines that reach no image registry.
set -euo pipefail
root=$(realpath -m "$1")
shift
debs=$(mktemp -d)
trap 'rm -rf "$debs"' EXIT
mkdir -p "$debs/partial"
# An empty dpkg status makes apt take the whole closure of dependencies.
apt-get -qq -y --download-only --no-install-recommends -o Dir::State::status=/dev/null \
  -o Dir::Cache::archives="$debs/" -o APT::Sandbox::User="$(id -un)" -o Debug::NoLocking=1 \
  install "$@" usr-is-merged </dev/null >/dev/null

for directory in bin sbin lib lib64; do
  mkdir -p "$root/usr/$directory"
  ln -sfn "usr/$directory" "$root/$directory"
done
# Needed to install a system, not to run a program.
skip='^(debconf|perl|adduser|passwd|dpkg|usrmerge|usr-is-merged|init-system-helpers|lsb-base|sysvinit-utils|libpam|libsemanage|libsepol|libaudit|libdb5|libjs-|media-types|gcc-12-base|libcap-ng0|tar_)'
for deb in "$debs"/*.deb; do
  name=$(basename "$deb")
  [[ $name =~ $skip ]] && continue
  dpkg-deb --fsys-tarfile "$deb" | tar -C "$root" -x --keep-directory-symlink \
    --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale --exclude=./usr/share/lintian
done
mkdir -p "$root"/{proc,sys,dev,tmp,run,etc,root,var/lib}
chmod 1777 "$root/tmp"
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
if [ -x "$root/bin/busybox" ]; then
  for applet in $("$root/bin/busybox" --list); do
    [ -e "$root/bin/$applet" ] || [ -e "$root/sbin/$applet" ] || ln -s busybox "$root/bin/$applet"
  done
fi
