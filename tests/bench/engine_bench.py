"""The local engine: start to first answer, idle memory, and `up` of the sample to the first HTTP 200 beside the same containers
made by concurrent raw Engine API calls."""
import concurrent.futures
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request

from measure import row

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = str(ROOT / "build/release/docker-ecs")
SAMPLE = str(ROOT / "examples/timestamper")


class DockerConnection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect("/var/run/docker.sock")


def api(method, path, body=None):
    connection = DockerConnection("docker")
    connection.request(method, "/v1.41" + path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 400:
        raise SystemExit(f"{method} {path}: {answer.status} {text!r}")
    return json.loads(text) if text else None


def until_200(url):
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.005)


def raw():
    """The sample by hand, as fast as the API goes: network and creates overlapped, starts concurrent."""
    start = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        def one(name, image):
            host = {"NetworkMode": "bench-raw", "Init": True}
            endpoint = {"EndpointsConfig": {"bench-raw": {"Aliases": [name]}}}
            return api("POST", f"/containers/create?name=bench-{name}", {"Image": image, "HostConfig": host, "NetworkingConfig": endpoint})["Id"]
        network = pool.submit(api, "POST", "/networks/create", {"Name": "bench-raw", "IPAM": {"Config": [{"Subnet": "10.214.250.0/24"}]}})
        ids = list(pool.map(lambda a: one(*a), [("backend", "redis:7-alpine"), ("frontend", "timestamper:latest")]))
        network.result()
        list(pool.map(lambda i: api("POST", f"/containers/{i}/start"), ids))
        address = api("GET", f"/containers/{ids[1]}/json")["NetworkSettings"]["Networks"]["bench-raw"]["IPAddress"]
        until_200(f"http://{address}:5000/")
        seconds = time.perf_counter() - start
        list(pool.map(lambda i: api("DELETE", f"/containers/{i}?force=1"), ids))
        api("DELETE", "/networks/bench-raw")
    return seconds


class Engine:
    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="docker-ecs-bench-")
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.home, "DOCKER_CONFIG": self.home,
                            "DOCKER_ECS_HOME": self.home + "/state", "DOCKER_ECS_PORT": "0"}

    def run(self, *args):
        return subprocess.run([OURS, *args], cwd=SAMPLE, env=self.environment, check=True, capture_output=True, text=True).stdout

    def pid(self):
        return json.loads(pathlib.Path(self.home, "state/engine.json").read_text())["pid"]

    def close(self):
        self.run("local", "reset", "--force")
        shutil.rmtree(self.home)


def start_up():
    engine = Engine()
    start = time.perf_counter()
    engine.run("local", "start")
    info = json.loads(pathlib.Path(engine.home, "state/engine.json").read_text())
    urllib.request.urlopen(f"http://127.0.0.1:{info['port']}/_docker-ecs/health", timeout=5).read()
    seconds = time.perf_counter() - start
    time.sleep(0.5)
    memory = int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{info['pid']}/status").read_text())[1])
    engine.close()
    return seconds, memory


def up():
    """`compose up` of the sample on a running engine: (seconds to the first 200, seconds until the command returned)."""
    engine = Engine()
    engine.run("local", "start")
    start = time.perf_counter()
    command = subprocess.Popen([OURS, "compose", "up", "--progress", "plain"], cwd=SAMPLE, env=engine.environment,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    until_200("http://127.0.0.1:5000/")
    first = time.perf_counter() - start
    command.communicate()
    done = time.perf_counter() - start
    if command.returncode != 0:
        raise SystemExit("up failed")
    engine.close()
    return first, done


def main():
    starts = [start_up() for _ in range(7)]
    row("engine start to first answer", statistics.median(s for s, _ in starts) * 1e3, unit="ms", target="<= 50 ms")
    row("engine idle memory", statistics.median(m for _, m in starts) / 1024, unit="MiB", target="<= 30 MiB")
    ours, theirs, done = [], [], []
    for _ in range(5):
        first, all_of_it = up()
        ours.append(first)
        done.append(all_of_it)
        theirs.append(raw())
    row("up of the sample to the first 200", statistics.median(ours) * 1e3, statistics.median(theirs) * 1e3, target="<= 1.3 x")
    row("  until the command returned", statistics.median(done) * 1e3)


main()
