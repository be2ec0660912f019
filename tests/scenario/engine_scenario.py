"""The life of the local engine's process: start, stop, kill -9, restart, what is in its way, and what its state survives."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

from support import BINARY, Scenario, eventually, get, is_alive


def memory_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


class Life(Scenario):
    def start(self, **environment):
        return self.engine.run("local", "start", **environment)

    def status(self):
        return json.loads(self.engine.run("local", "status", "--format", "json").stdout)

    def state(self, name):
        return pathlib.Path(self.engine.environment["DOCKER_ECS_HOME"], name)

    def create_secret(self, name):
        return self.engine.client("secretsmanager").create_secret(Name=name, SecretString="s3cr3t-" + name)["ARN"]

    def secret_names(self):
        pages = self.engine.client("secretsmanager").get_paginator("list_secrets").paginate()
        return sorted(entry["Name"] for page in pages for entry in page["SecretList"])

    def test_starts_serves_and_stops(self):
        self.assertFalse(self.status()["running"])
        endpoint = self.start().stdout.strip()
        self.assertEqual(endpoint, self.engine.endpoint)
        self.assertEqual(self.engine.client("sts").get_caller_identity()["Arn"], "arn:aws:iam::000000000000:root")
        status = self.status()
        self.assertEqual((status["running"], status["endpoint"], status["stacks"], status["tasks"]), (True, endpoint, 0, 0))
        pid = self.engine.info()["pid"]
        self.assertEqual(self.start().stdout.strip(), endpoint)
        self.assertEqual(self.engine.info()["pid"], pid, "a second start finds the first engine")
        self.assertIn("ready on", self.engine.run("local", "logs", "--tail", "5").stdout)
        self.engine.run("local", "stop")
        self.assertFalse(is_alive(pid))
        self.assertFalse(self.status()["running"])
        self.engine.run("local", "stop")

    def test_start_is_quick_and_small(self):
        self.start()
        self.engine.run("local", "stop")
        began = time.monotonic()
        self.start()
        self.engine.client("sts")  # the import of boto3 is not the engine's
        took = time.monotonic() - began
        get(self.engine.endpoint)
        print(f"start command {took * 1000:.0f} ms, idle {memory_kib(self.engine.info()['pid'])} KiB")
        self.assertLess(memory_kib(self.engine.info()["pid"]), 30 * 1024 * (20 if os.environ.get("SANITIZED") else 1))

    def test_what_was_acknowledged_survives_kill_9(self):
        self.start()
        client = self.engine.client("secretsmanager")
        acknowledged = []

        def create():
            for number in range(10_000):
                try:
                    client.create_secret(Name=f"s{number}", SecretString="value")
                except Exception:  # the engine is gone
                    return
                acknowledged.append(f"s{number}")

        writer = threading.Thread(target=create)
        writer.start()
        eventually(lambda: len(acknowledged) > 20)
        self.engine.kill()
        writer.join()
        self.start()
        self.assertLessEqual(set(acknowledged), set(self.secret_names()))
        value = self.engine.client("secretsmanager").get_secret_value(SecretId="s3")
        self.assertEqual(value["SecretString"], "value")

    def test_state_survives_a_stop_and_the_network_is_the_same(self):
        self.start()
        arn = self.create_secret("a")
        subnets = self.engine.client("ec2").describe_subnets()["Subnets"]
        logs = self.engine.client("logs")
        logs.create_log_group(logGroupName="/g")
        logs.create_log_stream(logGroupName="/g", logStreamName="s")
        logs.put_log_events(logGroupName="/g", logStreamName="s",
                            logEvents=[{"timestamp": int(time.time() * 1000), "message": "hello"}])
        self.engine.run("local", "stop")
        self.start()
        self.assertEqual(self.engine.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"], "s3cr3t-a")
        self.assertEqual(self.engine.client("ec2").describe_subnets()["Subnets"], subnets)
        events = self.engine.client("logs").filter_log_events(logGroupName="/g")["events"]
        self.assertEqual([event["message"] for event in events], ["hello"])

    def test_a_damaged_database_is_kept_aside(self):
        self.start()
        self.create_secret("a")
        self.engine.run("local", "stop")
        damaged = b"not a database at all" * 500
        self.state("engine.db").write_bytes(damaged)
        self.start()
        self.assertEqual(self.secret_names(), [])
        aside = self.status()["damaged_databases"]
        self.assertEqual(len(aside), 1)
        self.assertEqual(pathlib.Path(aside[0]).read_bytes(), damaged)
        self.assertIn("damaged", self.engine.log())
        self.assertIn(aside[0], self.engine.run("local", "status").stdout)

    def test_a_taken_port_is_named_with_a_way_out(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            failed = self.engine.run("local", "start", check=False, DOCKER_ECS_PORT=str(port))
        self.assertEqual(failed.returncode, 1)
        self.assertIn(f"127.0.0.1:{port} is taken by python", failed.stderr)
        self.assertIn("DOCKER_ECS_PORT", failed.stderr)
        self.start(DOCKER_ECS_PORT=str(port))
        self.assertEqual(self.engine.info()["port"], port)

    def test_what_keeps_it_from_starting_is_said(self):
        failed = self.engine.run("local", "start", check=False, DOCKER_ECS_HOME="/proc/nowhere")
        self.assertEqual(failed.returncode, 1)
        self.assertIn("/proc/nowhere", failed.stderr)
        self.assertIn("DOCKER_ECS_HOME", failed.stderr)
        failed = self.engine.run("local", "start", check=False, DOCKER_HOST="unix:///nowhere/docker.sock")
        self.assertEqual(failed.returncode, 1)
        self.assertIn("Docker Engine does not answer at unix:///nowhere/docker.sock", failed.stderr)
        self.assertIn("start it:", failed.stderr)
        failed = self.engine.run("local", "start", check=False, DOCKER_ECS_PORT="http")
        self.assertNotEqual(failed.returncode, 0)

    def test_an_engine_of_another_version_is_told(self):
        self.start()
        info = self.engine.info()
        self.state("engine.json").write_text(json.dumps({**info, "version": "0.0.9"}))
        self.assertIn("the local engine is version 0.0.9", self.start().stderr)

    def test_many_starts_at_once_make_one_engine(self):
        starts = [self.engine.start_command("local", "start") for _ in range(6)]
        outputs = [start.communicate(timeout=60)[0] for start in starts]
        self.assertEqual([start.returncode for start in starts], [0] * 6, outputs)
        self.assertTrue(all(self.engine.endpoint in output for output in outputs), outputs)

    def test_it_belongs_to_no_terminal_and_inherits_nothing(self):
        read_end, write_end = os.pipe()
        os.set_inheritable(write_end, True)
        subprocess.run([BINARY, "local", "start"], env={**self.engine.environment, "AWS_SECRET_ACCESS_KEY": "visible"},
                       check=True, capture_output=True, pass_fds=[write_end])
        os.close(write_end)
        self.assertEqual(os.read(read_end, 1), b"", "no copy of the descriptor is left open")
        os.close(read_end)
        pid = self.engine.info()["pid"]
        self.assertNotIn(b"visible", pathlib.Path(f"/proc/{pid}/environ").read_bytes())
        self.assertNotEqual(os.getsid(pid), os.getsid(0))
        os.kill(pid, signal.SIGPIPE)
        os.kill(pid, signal.SIGTERM)
        eventually(lambda: not is_alive(pid), what="SIGTERM ends it")

    def test_secrets_are_on_disk_only_sealed_and_for_the_owner(self):
        self.start()
        self.create_secret("a")
        self.engine.run("local", "stop")
        directory = pathlib.Path(self.engine.environment["DOCKER_ECS_HOME"])
        self.assertEqual(directory.stat().st_mode & 0o777, 0o700)
        for file in directory.iterdir():
            self.assertEqual(file.stat().st_mode & 0o077, 0, file)
            self.assertNotIn(b"s3cr3t-a", file.read_bytes(), file)

    def test_reset_begins_anew(self):
        self.start()
        self.create_secret("a")
        refused = self.engine.run("local", "reset", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("--force", refused.stderr)
        self.assertEqual(self.secret_names(), ["a"])
        self.engine.run("local", "reset", "--force")
        self.assertFalse(self.status()["running"])
        self.start()
        self.assertEqual(self.secret_names(), [])

    def test_a_web_page_cannot_reach_it(self):
        self.start()
        request = urllib.request.Request(self.engine.endpoint, headers={"Host": "evil.example"})
        with self.assertRaises(urllib.error.HTTPError):
            urllib.request.urlopen(request, timeout=5)
