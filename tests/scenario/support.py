"""What every scenario stands on: the real binary, an engine of its own, and ways to observe state.

A scenario states one intent, observes containers, sockets and API answers rather than output, and waits with `eventually`
instead of sleeping. Each engine lives in a temporary DOCKER_ECS_HOME on a free port, so scenarios run beside each other and
beside a developer's own engine; what it made is removed afterwards. KEEP=1 keeps a failing run's state and containers.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

BINARY = os.environ["DOCKER_ECS_BINARY"]
ROOT = pathlib.Path(__file__).resolve().parents[2]


def eventually(probe, timeout=30.0, what=None, interval=0.05):
    """Calls `probe` until it returns something true; its last exception or value is in the failure."""
    deadline = time.monotonic() + timeout
    last = None
    while time.monotonic() < deadline:
        try:
            last = probe()
            if last:
                return last
        except Exception as error:  # the state is not there yet
            last = error
        time.sleep(interval)
    raise AssertionError(f"not within {timeout} s: {what or probe}; last: {last!r}")


def docker(*args, check=True):
    done = subprocess.run(["docker", *args], capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"docker {' '.join(args)}: {done.stderr}")
    return done.stdout.strip()


def get(url, timeout=5):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.status, answer.read().decode()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Engine:
    """A local engine of its own. `run` calls the binary in its environment."""

    def __init__(self, **environment):
        self.home = tempfile.mkdtemp(prefix="docker-ecs-test-")
        self.config = os.path.join(self.home, "docker-config")
        os.mkdir(self.config)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": self.home, "DOCKER_CONFIG": self.config, "NO_COLOR": "1",
            "DOCKER_ECS_HOME": os.path.join(self.home, "state"), "DOCKER_ECS_PORT": "0",
            **self.sanitizer_options(), **environment}

    def sanitizer_options(self):
        """What a sanitizer finds, in whichever process, is a file of its own; see `findings`."""
        log = f"log_path={self.home}/sanitizer"
        # An engine that is told to end while Docker keeps a worker waiting leaves by _exit, its threads unjoined.
        tools = {"ASAN_OPTIONS": log, "UBSAN_OPTIONS": log, "TSAN_OPTIONS": log + ":report_thread_leaks=0"}
        return {name: f"{os.environ[name]}:{options}" if name in os.environ else options for name, options in tools.items()}

    def findings(self):
        return "\n".join(path.read_text(errors="replace")[:6000] for path in pathlib.Path(self.home).glob("sanitizer.*"))

    def run(self, *args, cwd=None, check=True, timeout=180, stdin=None, **environment):
        done = subprocess.run([BINARY, *args], cwd=cwd or self.home, env={**self.environment, **environment}, input=stdin,
                              capture_output=True, text=True, timeout=timeout, check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(args)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}\n{self.log()[-4000:]}")
        return done

    def start_command(self, *args, cwd=None, **environment):
        return subprocess.Popen([BINARY, *args], cwd=cwd or self.home, env={**self.environment, **environment},
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def info(self):
        return json.loads((pathlib.Path(self.environment["DOCKER_ECS_HOME"]) / "engine.json").read_text())

    def log(self):
        path = pathlib.Path(self.environment["DOCKER_ECS_HOME"]) / "engine.log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.info()['port']}"

    def client(self, service, **options):
        import boto3
        from botocore.config import Config
        return boto3.client(service, endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id="test",
                            aws_secret_access_key="test",
                            config=Config(retries={"max_attempts": 0}, read_timeout=30), **options)

    def kill(self):
        """kill -9, and wait until the process is gone."""
        pid = self.info()["pid"]
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not is_alive(pid), what="the engine is gone")

    def containers(self, *filters, everything=True):
        """Ids of this engine's containers."""
        labels = ["--filter", f"label=com.docker.ecs.engine={self.info()['engine_id']}"]
        for item in filters:
            labels += ["--filter", item]
        return docker("ps", "-q", "--no-trunc", *(["-a"] if everything else []), *labels).split()

    def close(self):
        if pathlib.Path(self.environment["DOCKER_ECS_HOME"], "engine.json").exists():
            self.run("local", "reset", "--force", check=False)
        findings = self.findings()
        shutil.rmtree(self.home, ignore_errors=True)
        return findings


def is_alive(pid):
    with contextlib.suppress(OSError):
        state = re.search(r"^State:\s+(\S)", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M)
        return state is not None and state[1] not in "ZX"
    return False


class Scenario(unittest.TestCase):
    """One engine for each test."""

    maxDiff = None
    engine_environment = {}

    def setUp(self):
        self.engine = Engine(**self.engine_environment)
        self.addCleanup(self.leave)

    def leave(self):
        failed = any(error for _, error in getattr(self._outcome, "errors", []) if error) or any(
            getattr(getattr(self._outcome, "result", None), kind, []) for kind in ("errors", "failures"))
        if failed and os.environ.get("KEEP"):
            print(f"kept: {self.engine.home}")
            return
        if failed:
            print(self.engine.log()[-6000:])
        self.assertEqual(self.engine.close(), "", "a sanitizer found something")

    def project(self, compose, name="app", **files):
        """A directory with this compose file and further files."""
        directory = os.path.join(self.engine.home, name)
        os.makedirs(directory, exist_ok=True)
        for file, text in {"compose.yaml": compose, **files}.items():
            pathlib.Path(directory, file).write_text(text)
        return directory
