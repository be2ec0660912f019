"""What goes wrong in practice: the engine killed at any moment, an image that fails, a registry with and without the password."""
import json
import pathlib
import re
import subprocess
import time
import unittest
import urllib.request

from support import ROOT, Scenario, docker, eventually, free_port, get, is_alive

SAMPLE = str(ROOT / "examples" / "timestamper")
WEB = """
services:
  web:
    image: docker-ecs-test/busybox:1
    command: ["sh", "-c", "{command}"]
    ports: ["{port}:8080"]
    stop_grace_period: 1s
"""
SERVE = "echo hello > /tmp/index.html; exec httpd -f -p 8080 -h /tmp"


class Faults(Scenario):
    def web(self, command=SERVE, name="app"):
        self.port = free_port()
        return self.project(WEB.format(command=command, port=self.port), name)

    def stack_status(self, name="app"):
        return self.engine.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]

    def test_steady_engine_killed_keeps_serving_state(self):
        directory = self.web()
        self.engine.run("compose", "up", "--progress", "plain", cwd=directory)
        before = self.engine.containers()
        self.engine.kill()
        self.assertEqual(self.engine.run("compose", "ps", "-q", cwd=directory).returncode, 0)
        self.assertEqual(self.engine.containers(), before, "the running tasks were adopted")
        self.assertEqual(self.stack_status(), "CREATE_COMPLETE")
        eventually(lambda: get(f"http://127.0.0.1:{self.port}/")[0] == 200)

    def test_engine_killed_during_up_resumes(self):
        for delay in (0.15, 0.4, 0.8):
            with self.subTest(delay=delay):
                name = f"app{int(delay * 100)}"
                directory = self.web(name=name)
                self.engine.run("local", "start")
                up = self.engine.start_command("compose", "up", "--progress", "plain", cwd=directory)
                time.sleep(delay)
                self.engine.kill()
                up.communicate(timeout=120)
                self.engine.run("compose", "up", "--progress", "plain", cwd=directory)
                eventually(lambda: get(f"http://127.0.0.1:{self.port}/")[0] == 200)
                running = self.engine.containers(f"label=com.docker.ecs.container=web", everything=False)
                mine = [c for c in running if name in docker("inspect", "-f", "{{json .Config.Labels}}", c)]
                self.assertEqual(len(mine), 1, "exactly one task")
                self.engine.run("compose", "down", cwd=directory)

    def test_engine_killed_during_down_finishes(self):
        directory = self.web()
        self.engine.run("compose", "up", "--progress", "plain", cwd=directory)
        down = self.engine.start_command("compose", "down", cwd=directory)
        time.sleep(0.3)
        self.engine.kill()
        down.communicate(timeout=120)
        self.engine.run("compose", "down", cwd=directory)
        self.assertEqual(self.engine.containers(), [])

    def test_broken_image_rolls_back_with_the_reason_and_the_last_lines(self):
        directory = self.web(command="echo the-last-words-of-web; exit 7")
        up = self.engine.run("compose", "up", "--progress", "plain", cwd=directory, check=False)
        self.assertNotEqual(up.returncode, 0)
        text = up.stdout + up.stderr
        self.assertIn("the-last-words-of-web", text)
        self.assertRegex(text, r"(?i)essential container|exit(ed)?( code| with)? 7|circuit breaker")
        self.assertEqual(self.stack_status(), "ROLLBACK_COMPLETE")
        self.assertEqual(self.engine.containers(everything=False), [])
        self.engine.run("compose", "ps", cwd=directory)
        pathlib.Path(directory, "compose.yaml").write_text(WEB.format(command=SERVE, port=self.port))
        self.engine.run("compose", "up", "--progress", "plain", cwd=directory)
        eventually(lambda: get(f"http://127.0.0.1:{self.port}/")[0] == 200)

    def test_missing_image_fails_in_aws_words(self):
        directory = self.project("services:\n  web:\n    image: localhost:1/absent/image:1\n")
        up = self.engine.run("compose", "up", "--progress", "plain", cwd=directory, check=False)
        self.assertNotEqual(up.returncode, 0)
        self.assertIn("CannotPullContainerError", up.stdout + up.stderr)


class PrivateRegistry(Scenario):
    """The article's private image: htpasswd on loopback, the credential in a secret, its ARN in the Compose file."""

    def setUp(self):
        super().setUp()
        self.port = free_port()
        home = pathlib.Path(self.engine.home)
        (home / "htpasswd").write_text(subprocess.run(["htpasswd", "-Bbn", "alice", "correct-horse"], capture_output=True,
                                                      text=True, check=True).stdout)
        (home / "registry.yml").write_text(f"""
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {home}/registry}}}}
http: {{addr: "127.0.0.1:{self.port}"}}
auth: {{htpasswd: {{realm: test, path: {home}/htpasswd}}}}
""")
        self.registry = subprocess.Popen(["docker-registry", "serve", str(home / "registry.yml")], stderr=subprocess.DEVNULL)
        self.addCleanup(self.registry.wait)
        self.addCleanup(self.registry.kill)
        eventually(lambda: self.unauthorized())
        self.image = f"localhost:{self.port}/alice/web:1"
        docker("tag", "docker-ecs-test/busybox:1", self.image)
        login = subprocess.run(["docker", "--config", self.engine.config, "login", "-u", "alice", "--password-stdin", f"localhost:{self.port}"],
                               input="correct-horse", capture_output=True, text=True, check=False)
        self.assertEqual(login.returncode, 0, login.stderr)
        docker("--config", self.engine.config, "push", "-q", self.image)
        docker("rmi", self.image)
        docker("--config", self.engine.config, "logout", f"localhost:{self.port}")
        self.addCleanup(docker, "rmi", "-f", self.image, check=False)

    def unauthorized(self):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/v2/", timeout=2)
        except urllib.error.HTTPError as error:
            return error.code == 401
        return False

    def deploy(self, password):
        arn = self.engine.run("secret", "create", f"pull{password[:3]}", "--username", "alice", "--password-stdin",
                              stdin=password).stdout.strip()
        self.assertRegex(arn, r"^arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:pull\w+-\w{6}$")
        directory = self.project(f"""
services:
  web:
    image: {self.image}
    x-aws-pull_credentials: {arn}
    command: ["sleep", "1000"]
    stop_grace_period: 1s
""")
        return directory, self.engine.run("compose", "up", "--progress", "plain", cwd=directory, check=False)

    def test_right_password(self):
        _, up = self.deploy("correct-horse")
        self.assertEqual(up.returncode, 0, up.stdout + up.stderr)
        self.assertEqual(len(self.engine.containers("label=com.docker.ecs.container=web", everything=False)), 1)
        everything = up.stdout + up.stderr + self.engine.log()
        self.assertNotIn("correct-horse", everything)

    def test_wrong_password(self):
        directory, up = self.deploy("wrong-password")
        self.assertNotEqual(up.returncode, 0)
        self.assertIn("CannotPullContainerError", up.stdout + up.stderr)
        self.assertNotIn("wrong-password", up.stdout + up.stderr + self.engine.log())
        self.engine.run("compose", "ps", cwd=directory)
        self.engine.run("compose", "logs", cwd=directory)


if __name__ == "__main__":
    unittest.main()
