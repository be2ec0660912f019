"""What bad input and a bad machine get: a clear message on stderr, the documented exit code, nothing half-done."""
import base64
import contextlib
import http.server
import json
import os
import pathlib
import re
import signal
import socket
import stat
import struct
import subprocess
import tempfile
import threading
import unittest

from second_docker import as_root
from support import BINARY, Scenario, docker, eventually, free_port, get, is_alive

WEB = """
services:
  web:
    image: docker-ecs-test/busybox:1
    command: ["sh", "-c", "echo hello > /tmp/index.html; exec httpd -f -p 8080 -h /tmp"]
    stop_grace_period: 2s
"""
FAILURE, NO_FILE, INVALID, USAGE, INTERRUPTED = 1, 14, 15, 16, 130


def published(port):
    return WEB + f'    ports: ["{port}:8080"]\n'


@contextlib.contextmanager
def held(port, *addresses):
    """Listens on this port of these addresses, as another program of this machine would."""
    with contextlib.ExitStack() as stack:
        for address in addresses:
            other = stack.enter_context(socket.socket())
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind((address, port))
            other.listen()
        yield


class BadInput(Scenario):
    def fails(self, *args, code=FAILURE, **options):
        """stderr of a command that must fail this way."""
        done = self.engine.run(*args, check=False, **options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertIn("error: ", done.stderr)
        return done.stderr

    def state(self, *names):
        return pathlib.Path(self.engine.environment["DOCKER_ECS_HOME"], *names)


class Files(BadInput):
    def leave(self):
        self.assertFalse(self.state("engine.json").exists(), "no engine was started for a file that is wrong")
        super().leave()

    def test_yaml_that_cannot_be_parsed(self):
        text = self.fails("compose", "up", cwd=self.project("services:\n  web:\n    image: a\n   ports: [1\n"), code=INVALID)
        self.assertRegex(text, r"/compose\.yaml:4:4: error: ")
        self.assertIn("4 |    ports: [1\n", text)

    def test_unknown_keys_with_a_guess_for_each(self):
        text = self.fails("compose", "up", cwd=self.project("services:\n  web:\n    imag: a\n    prots: [80]\n"), code=INVALID)
        self.assertRegex(text, r"/compose\.yaml:3:5: error: .*'imag', 'prots' not allowed")
        self.assertIn("did you mean `image` for `imag`, `ports` for `prots`?", text)

    def test_service_without_an_image(self):
        text = self.fails("compose", "up", cwd=self.project("services:\n  web:\n    ports: ['80:80']\n"), code=INVALID)
        self.assertRegex(text, r'/compose\.yaml:2:3: error: service "web" has neither an image nor a build')

    def test_empty_file_is_named(self):
        self.assertRegex(self.fails("compose", "convert", cwd=self.project(""), code=INVALID), r"compose\.yaml: .*`services:`")

    def test_no_file(self):
        self.assertIn("-f", self.fails("compose", "up", code=NO_FILE))
        self.assertIn("absent.yaml", self.fails("compose", "-f", "absent.yaml", "up", code=NO_FILE))

    def test_unknown_context(self):
        directory = self.project(WEB)
        text = self.fails("--context", "absent", "compose", "up", cwd=directory)
        self.assertRegex(text, r'"absent" does not exist(.|\n)*docker context ls')
        self.assertIn("DOCKER_CONTEXT", self.fails("compose", "ps", cwd=directory, DOCKER_CONTEXT="absent"))

    def test_unknown_command_and_flag(self):
        self.assertIn("ps", self.engine.run("compose", "sp", check=False).stderr)
        for words in (["compose", "sp"], ["compose", "ps", "--nope"], ["secret", "inspect"], ["compose", "down", "web"]):
            self.assertEqual(self.engine.run(*words, check=False).returncode, USAGE, words)


class Machine(BadInput):
    def test_docker_engine_not_running(self):
        directory = self.project(published(free_port()))
        for options, environment in ((["-H", "unix:///nonexistent.sock"], {}), ([], {"DOCKER_HOST": "tcp://127.0.0.1:1"})):
            text = self.fails(*options, "compose", "up", cwd=directory, **environment)
            self.assertRegex(text, r"Docker Engine does not answer at (unix:///nonexistent\.sock: No such|tcp://127\.0\.0\.1:1: Conn)")
            self.assertIn("help: start it", text)
        self.assertFalse(self.state("engine.json").exists(), "the engine ended")

    def test_engine_port_taken(self):
        port = free_port()
        with held(port, "127.0.0.1"):
            text = self.fails("compose", "up", cwd=self.project(WEB), DOCKER_ECS_PORT=str(port))
        self.assertRegex(text, rf"port 127\.0\.0\.1:{port} is taken by .*process {os.getpid()}")
        self.assertIn("DOCKER_ECS_PORT", text)
        self.assertIn("is not a port", self.fails("compose", "up", cwd=self.project(WEB), DOCKER_ECS_PORT="http"))

    def test_damaged_database_is_kept_aside_and_said(self):
        directory = self.project(WEB)
        self.engine.run("compose", "up", cwd=directory)
        self.engine.run("local", "stop")
        with self.state("engine.db").open("r+b") as database:
            database.seek(4096)
            database.write(os.urandom(65536))
        damaged = self.state("engine.db").read_bytes()
        text = self.engine.run("compose", "ps", cwd=directory).stderr
        kept = re.search(r"database was damaged; it was kept as (\S+),", text)
        self.assertIsNotNone(kept, text)
        self.assertEqual(pathlib.Path(kept[1]).read_bytes(), damaged)
        self.assertNotIn("damaged", self.engine.run("compose", "ps", cwd=directory).stderr, "it is said once")
        self.engine.run("compose", "up", cwd=directory)
        self.assertEqual(len(self.engine.containers("label=com.docker.ecs.container=web", everything=False)), 1)

    def test_damaged_small_files(self):
        directory = self.project(WEB)
        self.engine.run("compose", "up", cwd=directory)
        task = self.engine.containers()
        self.engine.kill()
        self.state("engine.id").write_text("")
        self.engine.run("compose", "ps", cwd=directory)
        self.assertEqual(self.engine.containers(), task, "the running task was found again")
        self.engine.run("local", "stop", "--keep")
        key = self.state("engine.key").read_bytes()
        self.state("engine.key").write_bytes(key[:5])
        self.assertRegex(self.fails("compose", "ps", cwd=directory), r"engine\.key is damaged\nhelp: put it back")
        self.state("engine.key").unlink()
        self.engine.run("local", "start")  # nothing was sealed with it
        self.engine.run("secret", "create", "pull", "--username", "alice", "--password-stdin", stdin="x")
        self.engine.run("local", "stop", "--keep")
        key = self.state("engine.key").read_bytes()
        self.state("engine.key").unlink()
        self.assertRegex(self.fails("compose", "ps", cwd=directory), r"engine\.key is missing\nhelp: put it back")
        self.assertFalse(self.state("engine.key").exists(), "nothing is in the way of the old key")
        self.state("engine.key").write_bytes(key)
        self.engine.run("compose", "ps", cwd=directory)

    def test_a_running_engine_is_found_without_its_description(self):
        directory = self.project(WEB)
        self.engine.run("compose", "up", cwd=directory)
        described = self.state("engine.json").read_bytes()
        known = self.engine.info()
        for damage in (b"{", b"", described.replace(str(known["pid"]).encode(), b"1"), None):
            self.state("engine.json").unlink() if damage is None else self.state("engine.json").write_bytes(damage)
            with self.subTest(damage=damage):
                status = json.loads(self.engine.run("local", "status", "--format", "json").stdout)
                self.assertEqual((status["running"], status["pid"], status["tasks"]), (True, known["pid"], 1))
                self.assertIn("nothing changed", self.engine.run("compose", "up", cwd=directory).stderr)
                self.assertIn("running already", self.engine.run("local", "start").stderr)
        self.assertIn("has ended", self.engine.run("local", "stop").stderr)
        self.assertFalse(is_alive(known["pid"]))
        self.engine.run("local", "start")

    def test_start_right_after_a_kill_starts(self):
        self.engine.run("local", "start")
        for _ in range(5):
            pid = self.engine.info()["pid"]
            os.kill(pid, signal.SIGKILL)
            self.assertNotIn("already", self.engine.run("local", "start").stderr)
            self.assertNotEqual(self.engine.info()["pid"], pid)
            self.assertEqual(get(self.engine.endpoint)[0], 200)

    def test_state_directory_that_cannot_be_used(self):
        file = pathlib.Path(self.engine.home, "file")
        file.write_text("")
        text = self.fails("compose", "up", cwd=self.project(WEB), DOCKER_ECS_HOME=str(file / "state"))
        self.assertRegex(text, r"state directory \S+/file/state cannot be used: not a directory(.|\n)*DOCKER_ECS_HOME")

    def test_full_disk(self):
        become_root = as_root()
        disk = tempfile.mkdtemp(prefix="docker-ecs-test-disk-")
        self.addCleanup(os.rmdir, disk)
        subprocess.run([*become_root, "mount", "-t", "tmpfs", "-o", f"size=4m,uid={os.getuid()}", "tmpfs", disk], check=True)
        self.addCleanup(lambda: subprocess.run([*become_root, "umount", disk], check=True))
        self.addCleanup(self.engine.run, "local", "reset", "--force", check=False)
        self.engine.environment["DOCKER_ECS_HOME"] = disk + "/state"
        directory = self.project(WEB)
        filler = pathlib.Path(disk, "filler")
        filler.write_bytes(bytes((4 << 20) - (40 << 10)))
        self.assertIn("free disk space", self.fails("compose", "up", cwd=directory))
        filler.write_bytes(bytes((4 << 20) - (200 << 10)))
        self.assertRegex(self.fails("compose", "up", cwd=directory), r"could not write its state .*disk full")
        self.assertEqual(self.engine.containers(), [], "nothing half-done")
        filler.unlink()
        self.engine.run("compose", "up", cwd=directory)

    def outputs(self):
        stack = self.engine.client("cloudformation").describe_stacks(StackName="app")["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def test_published_port_taken_by_another_program(self):
        port = free_port()
        directory = self.project(published(port) + '''x-aws-cloudformation:
  Outputs: {Address: {Value: {Fn::GetAtt: [LoadBalancer, DNSName]}}}
''')
        with held(port, "127.0.0.1"):
            up = self.engine.run("compose", "up", cwd=directory)
            self.assertIn(f"http://127.0.0.2:{port}", up.stdout)
            self.assertEqual(get(f"http://127.0.0.2:{port}/"), (200, "hello\n"))
            self.assertEqual(self.outputs().get("Address"), "127.0.0.2")
        self.engine.run("compose", "down", cwd=directory)
        with held(port, "0.0.0.0"):
            text = self.fails("compose", "up", cwd=directory)
            self.assertIn(f"Port {port} is already in use on this machine", text)
        self.assertEqual(self.engine.containers(), [])
        self.engine.run("compose", "up", cwd=directory)
        self.assertEqual(get(f"http://localhost:{port}/")[0], 200)


class Commands(BadInput):
    def test_unknown_service(self):
        directory = self.project(WEB)
        self.engine.run("compose", "up", cwd=directory)
        for command in ("logs", "ps"):
            text = self.fails("compose", command, "wbe", cwd=directory)
            self.assertRegex(text, "no such service: wbe(.|\n)*did you mean `web`")
        self.engine.run("compose", "logs", "web", cwd=directory)

    def test_two_at_once_wait_for_each_other(self):
        directory = self.project(WEB)
        self.engine.run("local", "start")
        first = self.engine.start_command("compose", "up", cwd=directory)
        eventually(lambda: self.engine.client("cloudformation").describe_stacks(StackName="app")["Stacks"])
        second = self.engine.run("compose", "up", cwd=directory)
        text = first.communicate(timeout=60)[0]
        self.assertEqual(first.returncode, 0, text)
        self.assertRegex(text + second.stderr, "busy|nothing changed")
        self.assertEqual(len(self.engine.containers("label=com.docker.ecs.container=web")), 1)

    def test_ctrl_c_detaches(self):
        directory = self.project(WEB)
        self.engine.run("local", "start")
        up = self.engine.start_command("compose", "up", cwd=directory)
        for line in up.stdout:
            if "Creating" in line:
                break
        up.send_signal(signal.SIGINT)
        text = up.communicate(timeout=20)[0]
        self.assertEqual(up.returncode, INTERRUPTED, text)
        self.assertRegex(text, r"follow it again: +docker-ecs compose up\n.*cancel it: +docker-ecs compose down")
        eventually(lambda: self.engine.client("cloudformation").describe_stacks(StackName="app")["Stacks"][0]["StackStatus"]
                   == "CREATE_COMPLETE", what="the stack went on without the command")
        self.engine.run("compose", "down", cwd=directory)
        down = self.engine.run("compose", "down", cwd=directory)
        self.assertIn("nothing to remove", down.stderr)

    def test_no_secret_is_shown_or_written_in_clear(self):
        canary = "CANARY-7f3a9b"
        marks = [canary.encode(), base64.b64encode(canary.encode()).rstrip(b"=")[:-2]]
        said = ""
        for command, data in ((["create", "pull", "--username", "alice", "--password-stdin"], canary),
                              (["create", "plain", "-"], canary), (["list"], None), (["inspect", "pull"], None),
                              (["delete", "absent"], None)):
            done = self.engine.run("-D", "secret", *command, stdin=data, check=command[0] != "delete",
                                   AWS_SECRET_ACCESS_KEY=canary)
            said += done.stdout + done.stderr
        value = self.engine.client("secretsmanager").get_secret_value(SecretId="plain")
        self.assertEqual(value.get("SecretString", "").rstrip() or value.get("SecretBinary"), canary)
        self.assertNotIn(canary, said)
        process = pathlib.Path("/proc", str(self.engine.info()["pid"]))
        for file in ("environ", "cmdline"):
            self.assertNotIn(canary.encode(), (process / file).read_bytes())
        self.engine.run("local", "stop")
        for path in [self.state(), *self.state().iterdir()]:
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o700 if path.is_dir() else 0o600, path)
            for mark in marks:
                self.assertFalse(path.is_file() and mark in path.read_bytes(), path)

    def test_same_through_docker(self):
        plugins = pathlib.Path(self.engine.config, "cli-plugins")
        plugins.mkdir()
        (plugins / "docker-ecs").symlink_to(BINARY)
        directory = self.project(WEB)
        pathlib.Path(directory, "wrong.yaml").write_text("services: [")
        self.engine.run("compose", "up", cwd=directory)
        for before, words in (([], ["compose", "up"]), ([], ["compose", "ps"]), ([], ["compose", "logs", "wbe"]),
                              ([], ["compose", "-f", "absent.yaml", "up"]), ([], ["compose", "-f", "wrong.yaml", "up"]),
                              ([], ["compose", "pss"]), ([], ["compose", "up", "--help"]), ([], ["--nope"]), ([], []),
                              (["--context", "absent"], ["compose", "ps"]), (["-H", "unix:///absent"], ["compose", "up"]),
                              ([], ["secret", "inspect"]), ([], ["version"])):
            alone = self.engine.run(*before, *words, cwd=directory, check=False)
            plugin = subprocess.run(["docker", *before, "ecs", *words], cwd=directory, env=self.engine.environment,
                                    capture_output=True, text=True, check=False)
            with self.subTest(words=before + words):
                self.assertEqual(plugin.returncode, alone.returncode, plugin.stderr)
                for stream in ("stdout", "stderr"):
                    same = [re.sub(r"docker[ -]ecs|^docker(?=:)", "PROGRAM", getattr(done, stream), flags=re.M)
                            for done in (plugin, alone)]
                    self.assertEqual(same[0], same[1])


class Answers(http.server.BaseHTTPRequestHandler):
    """An AWS endpoint that always answers what the test wants."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests += 1
        self.close_connection = True
        answer = self.server.answer
        if answer is None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif isinstance(answer, bytes):
            self.wfile.write(answer)
        else:
            status, code, message = answer
            body = (f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
                    "<RequestId>r</RequestId></ErrorResponse>").encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class Aws(BadInput):
    SECRET = "CANARY-secret-access-key"

    def setUp(self):
        super().setUp()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.server.handle_error = lambda *_: None
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.engine.run("setup", "--name", "cloud", "--from-env", "--region", "eu-west-1", "--no-check")
        self.directory = self.project(WEB)
        self.engine.environment |= {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server.server_port}",
                                    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": self.SECRET}

    def ask(self, answer, command="ps", requests=1):
        self.server.answer, self.server.requests = answer, 0
        text = self.fails("-D", "--context", "cloud", "compose", command, cwd=self.directory)
        self.assertNotIn(self.SECRET, text)
        self.assertEqual(self.server.requests, requests, text)
        self.assertFalse(self.state().exists(), "the local engine has no part in this")
        return text

    def test_expired_denied_and_wrong_credentials(self):
        for command in ("up", "ps", "logs", "down"):
            text = self.ask((403, "AccessDenied", "User: x is not authorized to perform: y"), command)
            self.assertRegex(text, r"not authorized to perform: y \(AccessDenied\)\nhelp: .*IAM")
        self.assertRegex(self.ask((403, "InvalidClientTokenId", "invalid")), r"\(InvalidClientTokenId\)\nhelp: .*access key")
        # Credentials that can be read anew are tried once more.
        self.assertRegex(self.ask((403, "ExpiredToken", "token expired"), requests=2), r"\(ExpiredToken\)\nhelp: .*sign in again")

    def test_throttled(self):
        self.assertRegex(self.ask((400, "Throttling", "Rate exceeded"), requests=3), r"Rate exceeded \(Throttling\)\nhelp: .*wait")

    def test_answers_that_are_not_http(self):
        self.assertIn("reset", self.ask(None, requests=3))
        self.assertIn("ill-formed", self.ask(b"\0\1 hello\r\n\r\n", requests=3))
        self.assertIn("ended before", self.ask(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<Desc", requests=3))

    def test_answer_of_a_proxy(self):
        page = b"<html><body>sign in</body></html>"
        text = self.ask(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page), requests=3)
        self.assertRegex(text, r"not an answer of an AWS service(.|\n)*help: .*AWS_ENDPOINT_URL")

    def test_no_region_profile_or_credentials(self):
        self.server.requests = 0
        self.engine.run("setup", "--name", "nowhere", "--from-env", "--no-check")
        self.assertRegex(self.fails("-c", "nowhere", "compose", "ps", cwd=self.directory), r"no AWS region(.|\n)*help: set AWS_REGION")
        self.assertIn('"absent" does not exist', self.fails("-c", "cloud", "compose", "ps", cwd=self.directory, AWS_PROFILE="absent",
                                                            AWS_ACCESS_KEY_ID=""))
        self.assertRegex(self.fails("-c", "cloud", "compose", "ps", cwd=self.directory, AWS_ACCESS_KEY_ID=""), "(?i)no AWS credentials|AWS_ACCESS_KEY_ID")
        self.assertEqual(self.server.requests, 0)


if __name__ == "__main__":
    unittest.main()
