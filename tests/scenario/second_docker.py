"""A second dockerd, in namespaces of its own, so that nobody else's is touched.

A scenario that needs one runs itself again inside the namespaces, because the tasks' addresses exist only there. It needs
root, or a sudo that asks nothing.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

INSIDE = "DOCKER_ECS_SECOND_DOCKER"
IMAGE = "docker-ecs-test/busybox:1"


def directory():
    """Where the second dockerd keeps everything; nothing outside of the namespaces."""
    return os.environ.get(INSIDE)


def as_root():
    """What to put before a command that only root may run."""
    if os.geteuid() == 0:
        return []
    if subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode != 0:
        raise AssertionError("this scenario needs root: run it as root, or allow sudo without a password")
    return ["sudo", "-n", "--preserve-env"]


def outside(file):
    """The test case that runs `file` again inside."""

    class Outside(unittest.TestCase):
        def test_in_namespaces_of_its_own(self):
            become_root = as_root()
            place = tempfile.mkdtemp(prefix="docker-ecs-second-")
            self.addCleanup(subprocess.run, [*become_root, "rm", "-rf", place], check=True)
            subprocess.run(["docker", "save", "-o", f"{place}/image.tar", IMAGE], check=True)
            done = subprocess.run([*become_root, "unshare", "--net", "--mount", sys.executable, "-m", "unittest", "-v", file],
                                  env={**os.environ, INSIDE: place}, capture_output=True, text=True, timeout=500, check=False)
            log = pathlib.Path(place, "dockerd.log")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr + (log.read_text()[-1500:] if log.exists() else ""))

    return Outside


class SecondDocker:
    """Starts at once; DOCKER_HOST says where it is."""

    def __init__(self):
        os.environ["DOCKER_HOST"] = f"unix://{directory()}/docker.sock"
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        self.start()

    def start(self):
        from support import docker, eventually
        with open(f"{directory()}/dockerd.log", "ab") as log:
            self.process = subprocess.Popen(
                ["dockerd", "-H", os.environ["DOCKER_HOST"], "--data-root", f"{directory()}/data", "--exec-root",
                 f"{directory()}/exec", "-p", f"{directory()}/pid"], stdout=log, stderr=log)
        eventually(lambda: docker("version"), what="dockerd answers", interval=0.1)

    def load(self):
        from support import docker
        docker("load", "-q", "-i", f"{directory()}/image.tar")

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(timeout=60)
        if how == signal.SIGKILL:  # its containerd is left behind; the next dockerd waits for a stale one
            containerd = pathlib.Path(directory(), "exec/containerd/containerd.pid")
            os.kill(int(containerd.read_text()), signal.SIGKILL)
            containerd.unlink()

    def close(self):
        self.stop()
        shutil.rmtree(f"{directory()}/data", ignore_errors=True)
