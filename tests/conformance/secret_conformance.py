"""`docker ecs secret` against the local engine, which it starts by itself, and an independent client's view of it."""
import json
import os
import signal
import subprocess

import pexpect

from home import BINARY, HomeTest

PASSWORD = "tr0ub4dor & 3"


class SecretTest(HomeTest):
    def setUp(self):
        super().setUp()
        self.environment |= {"DOCKER_ECS_HOME": str(self.home / "state"), "DOCKER_ECS_PORT": "0"}
        self.addCleanup(self.stop_engine)

    def info(self):
        return json.loads((self.home / "state/engine.json").read_text())

    def stop_engine(self):
        if (self.home / "state/engine.json").exists():
            os.kill(self.info()["pid"], signal.SIGTERM)

    def aws(self, *words):
        environment = {**self.environment, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                       "AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": "/dev/null"}
        done = subprocess.run(["/usr/bin/aws", "--endpoint-url", f"http://127.0.0.1:{self.info()['port']}",
                               "--output", "json", *words], env=environment, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def value(self, name):
        return json.loads(self.aws("secretsmanager", "get-secret-value", "--secret-id", name)["SecretString"])

    def test_from_creation_to_deletion(self):
        created = self.docker("ecs", "secret", "create", "hub", "-u", "me", "--password-stdin", "-d", "Docker Hub",
                              stdin=PASSWORD + "\n")
        self.assertRegex(created.stdout, r"^arn:aws:secretsmanager:us-east-1:000000000000:secret:hub-\w{6}\n$")
        arn = created.stdout.strip()
        self.assertEqual(self.value("hub"), {"username": "me", "password": PASSWORD})

        listed = self.docker("ecs", "secret", "ls").stdout.splitlines()
        self.assertEqual([line.split(None, 2) for line in listed], [["ID", "NAME", "DESCRIPTION"], [arn, "hub", "Docker Hub"]])
        for words in (["inspect", "hub"], ["inspect", arn], ["list", "--format", "json"]):
            shown = self.docker("ecs", "secret", *words).stdout
            self.assertIn(arn, shown)
            self.assertNotIn(PASSWORD, shown)
        self.assertIn("hub\tDocker Hub", self.docker("__complete", "ecs", "secret", "rm", "").stdout)

        again = self.docker("ecs", "secret", "create", "hub", "-u", "me", "--password-stdin", stdin="other")
        self.assertEqual((again.returncode, again.stdout), (1, ""))
        self.assertIn("(ResourceExistsException)", again.stderr)

        self.assertEqual(self.docker("ecs", "secret", "rm", "hub").stdout, "hub\n")
        gone = self.docker("ecs", "secret", "inspect", "hub")
        self.assertEqual((gone.returncode, gone.stdout), (1, ""))
        self.assertNotIn(PASSWORD, (self.home / "state/engine.log").read_text())

    def test_at_a_terminal_user_name_and_password_are_asked_for(self):
        child = pexpect.spawn(BINARY, ["secret", "create", "hub"], env=self.environment, cwd=str(self.home), timeout=20,
                              encoding="utf-8")
        self.addCleanup(child.close)
        child.expect("Username")
        child.send("me\r")
        child.expect("Password")
        child.send(PASSWORD + "\r")
        child.expect("arn:aws:secretsmanager")
        self.assertNotIn(PASSWORD, child.before)
        child.expect(pexpect.EOF)
        self.assertEqual(self.value("hub")["password"], PASSWORD)

    def test_completion_does_not_start_the_engine(self):
        self.assertEqual(self.alone("__complete", "secret", "rm", "").stdout, ":4\n")
        self.assertFalse((self.home / "state").exists())
