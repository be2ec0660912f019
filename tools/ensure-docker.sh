#!/bin/sh
# ensure-docker.sh: makes a Docker Engine answer on this machine; starts dockerd by hand where there is no systemd.
# Exit 0: answers. 1: it cannot be started, with the reason on stderr.
set -u
socket=${DOCKER_SOCKET:-/var/run/docker.sock}
pid_file=/var/run/docker.pid
log=/var/log/dockerd-by-hand.log

answers() { curl -fsS -m 3 --unix-socket "$socket" http://docker/_ping >/dev/null 2>&1; }

# PID NAME: a process of that name that is not a zombie
is_alive() {
  [ -n "$1" ] && [ "$(sed -n 's/^Name:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null)" = "$2" ] &&
    ! grep -q '^State:[[:space:]]*[ZX]' "/proc/$1/status" 2>/dev/null
}

# SECONDS PID: waits until the engine answers or the process is gone
wait_until_it_answers() {
  tenths=$(($1 * 10))
  while [ $tenths -gt 0 ]; do
    answers && return 0
    is_alive "$2" dockerd || return 1
    tenths=$((tenths - 1))
    sleep 0.1
  done
  return 1
}

# A bare container or VM may have no cgroup controllers mounted; dockerd needs them.
mount_cgroups() {
  grep -q ' /sys/fs/cgroup' /proc/mounts && return
  mount -t tmpfs cgroup /sys/fs/cgroup || return
  for controller in $(awk '!/^#/ && $4 == 1 {print $1}' /proc/cgroups); do
    mkdir -p "/sys/fs/cgroup/$controller"
    mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller"
  done
}

# What an engine that was killed leaves behind and the next one stumbles over.
remove_stale_files() {
  is_alive "$(cat "$pid_file" 2>/dev/null)" dockerd || rm -f "$pid_file" "$socket"
  containerd=/var/run/docker/containerd/containerd.pid
  is_alive "$(cat $containerd 2>/dev/null)" containerd || rm -f $containerd
}

start() {
  setsid dockerd -H "unix://$socket" "$@" >>"$log" 2>&1 </dev/null &
  wait_until_it_answers 60 $!
}

answers && exit 0
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null 2>&1 && exec sudo "$0"
  echo "Docker Engine does not answer on $socket and only root can start it" >&2
  exit 1
fi
if [ -d /run/systemd/system ]; then
  systemctl start docker && answers && exit 0
fi
command -v dockerd >/dev/null 2>&1 || { echo "dockerd is not installed" >&2; exit 1; }
running=$(cat "$pid_file" 2>/dev/null)
if is_alive "$running" dockerd; then
  wait_until_it_answers 30 "$running" && exit 0
  echo "dockerd ($running) runs but does not answer; see its log" >&2
  exit 1
fi
remove_stale_files
mount_cgroups
echo "Starting Docker Engine (log: $log)"
start || { remove_stale_files; start --iptables=false; } || { tail -n 5 "$log" >&2; exit 1; }
