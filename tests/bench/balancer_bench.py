"""The load balancers beside HAProxy, in TCP and in HTTP mode: the same backends, the same clients, in turn, medians.

Needs haproxy and wrk. Requests go to a backend that is HAProxy answering by itself; bytes come from a server that sends a file
in memory with sendfile, so that the balancer is what is measured."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import xml.etree.ElementTree

from measure import row

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = str(ROOT / "build/release/docker-ecs")
SIZE = 16 * 1024 * 1024
SECONDS = 3
ROUNDS = 3


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(port):
    for _ in range(500):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.01)
    raise SystemExit(f"nothing listens on port {port}")


def send_bytes(listener, file):
    """Serves `file` to every request, one thread a connection."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n".encode()

    def serve(connection):
        with connection, contextlib.suppress(OSError):
            while connection.recv(65536):
                connection.sendall(head)
                offset = 0
                while offset < SIZE:
                    offset += os.sendfile(connection.fileno(), file, offset, SIZE - offset)

    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


def byte_server(stack):
    listener = socket.create_server(("127.0.0.1", 0))
    file = os.memfd_create("bytes")
    os.truncate(file, SIZE)
    child = os.fork()
    if child == 0:
        send_bytes(listener, file)
    stack.callback(os.kill, child, signal.SIGKILL)
    return listener.getsockname()[1]


def haproxy(directory, name, text):
    file = pathlib.Path(directory, name + ".cfg")
    file.write_text("defaults\n timeout connect 5s\n timeout client 60s\n timeout server 60s\n" + text)
    return subprocess.Popen(["haproxy", "-q", "-db", "-f", str(file)])


class Engine:
    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="docker-ecs-bench-")
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.home, "DOCKER_CONFIG": self.home,
                            "DOCKER_ECS_HOME": self.home + "/state", "DOCKER_ECS_PORT": "0"}
        subprocess.run([OURS, "local", "start"], env=self.environment, check=True, stdout=subprocess.DEVNULL)
        self.port = json.loads(pathlib.Path(self.home, "state/engine.json").read_text())["port"]

    def call(self, version, action, **parameters):
        body = urllib.parse.urlencode({"Action": action, "Version": version, **parameters})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("POST", "/", body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise SystemExit(f"{action}: {text}")
        tree = xml.etree.ElementTree.fromstring(text)
        return lambda name: [e.text for e in tree.iter() if e.tag.rpartition("}")[2] == name]

    def elb(self, action, **parameters):
        return self.call("2015-12-01", action, **parameters)

    def listen(self, load_balancer, name, target, protocol="TCP"):
        """A listener that forwards to 127.0.0.1:target; its port."""
        port = free_port()
        group = self.elb("CreateTargetGroup", Name=name, Protocol=protocol, Port=str(target), TargetType="ip", VpcId="vpc-bench")
        group = group("TargetGroupArn")[0]
        self.elb("RegisterTargets", TargetGroupArn=group, **{"Targets.member.1.Id": "127.0.0.1"})
        self.elb("CreateListener", LoadBalancerArn=load_balancer, Protocol=protocol, Port=str(port), **{
            "DefaultActions.member.1.Type": "forward", "DefaultActions.member.1.TargetGroupArn": group})
        while self.elb("DescribeTargetHealth", TargetGroupArn=group)("State") != ["healthy"]:
            time.sleep(0.01)
        return port

    def load_balancer(self, kind):
        subnets = self.call("2016-11-15", "DescribeSubnets")("subnetId")
        return self.elb("CreateLoadBalancer", Name=kind, Type=kind, **{
            "Subnets.member.1": subnets[0], "Subnets.member.2": subnets[1]})("LoadBalancerArn")[0]

    def close(self):
        subprocess.run([OURS, "local", "reset", "--force"], env=self.environment, check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(self.home)


UNITS = {"": 1, "K": 1e3, "M": 1e6, "G": 1e9}


def wrk(port, connections, *options):
    """(requests a second, megabytes a second)"""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", *options, f"http://127.0.0.1:{port}/"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if re.search("Non-2xx|connect [1-9]|read [1-9]|write [1-9]", text):
        raise SystemExit(f"requests failed:\n{text}")
    requests = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
    amount, unit = re.search(r"Transfer/sec:\s+([\d.]+)([KMG]?)B", text).groups()
    return requests, float(amount) * UNITS[unit] / 1e6


def compare(ours, theirs, connections, *options):
    a, b = [], []
    for _ in range(ROUNDS):
        a.append(wrk(ours, connections, *options))
        b.append(wrk(theirs, connections, *options))
    return [(statistics.median(x[i] for x in a), statistics.median(x[i] for x in b)) for i in (0, 1)]


def main():
    for tool in ("haproxy", "wrk"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is missing: no figures")
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        small, peer_small, peer_bytes, peer_http, peer_http_bytes = (free_port() for _ in range(5))
        byte_port = byte_server(stack)
        answer = f' http-request return status 200 content-type text/plain string "{"x" * 120}"\n'
        listen = lambda name, mode, port, target: (f"listen {name}\n mode {mode}\n bind 127.0.0.1:{port}\n"
                                                   f" server one 127.0.0.1:{target}\n")
        backend = haproxy(directory, "backend", f"frontend small\n mode http\n bind 127.0.0.1:{small}\n{answer}")
        stack.callback(backend.kill)
        peer = haproxy(directory, "peer", listen("requests", "tcp", peer_small, small) + listen("bytes", "tcp", peer_bytes, byte_port) +
                       listen("http", "http\n option forwardfor", peer_http, small) +
                       listen("http_bytes", "http", peer_http_bytes, byte_port))
        stack.callback(peer.kill)
        for port in (small, peer_small, peer_bytes, peer_http, peer_http_bytes):
            wait_for(port)
        engine = Engine()
        stack.callback(engine.close)
        balancer, application = engine.load_balancer("network"), engine.load_balancer("application")
        our_small, our_bytes = engine.listen(balancer, "small", small), engine.listen(balancer, "bytes", byte_port)
        requests, _ = compare(our_small, peer_small, 50)
        row("requests, kept connections", *requests, unit="/s", target=">= 0.8 x HAProxy")
        requests, _ = compare(our_small, peer_small, 50, "-H", "Connection: close")
        row("requests, a connection each", *requests, unit="/s", target=">= 0.8 x HAProxy")
        _, megabytes = compare(our_bytes, peer_bytes, 8)
        row("bytes", *megabytes, unit="MB/s", target=">= 0.8 x HAProxy")
        our_http = engine.listen(application, "http", small, "HTTP")
        our_http_bytes = engine.listen(application, "http-bytes", byte_port, "HTTP")
        requests, _ = compare(our_http, peer_http, 50)
        row("HTTP requests, kept connections", *requests, unit="/s", target=">= 0.5 x HAProxy")
        requests, _ = compare(our_http, peer_http, 50, "-H", "Connection: close")
        row("HTTP requests, a connection each", *requests, unit="/s", target=">= 0.5 x HAProxy")
        _, megabytes = compare(our_http_bytes, peer_http_bytes, 8)
        row("HTTP bytes", *megabytes, unit="MB/s", target=">= 0.5 x HAProxy")


main()
