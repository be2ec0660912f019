"""A user of their own: HOME, Docker and AWS configuration in a temporary directory, with the binary as a plugin."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

BINARY = os.environ["DOCKER_ECS_BINARY"]
AWS_CONFIG = """\
[default]
region = us-west-2
[profile docker-ecs-user]
region = ap-northeast-1
[profile Work]
[sso-session corp]
sso_region = us-east-1
"""


class HomeTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="docker-ecs-home-")
        self.addCleanup(directory.cleanup)
        self.home = pathlib.Path(directory.name)
        plugins = self.home / ".docker/cli-plugins"
        plugins.mkdir(parents=True)
        (plugins / "docker-ecs").symlink_to(BINARY)
        (self.home / ".aws").mkdir()
        (self.home / ".aws/config").write_text(AWS_CONFIG)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.home), "TERM": "xterm", "NO_COLOR": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
            **{key: value for key, value in os.environ.items() if "SAN_OPTIONS" in key}}

    def run_words(self, *words, stdin="", **environment):
        return subprocess.run(words, env={**self.environment, **environment}, cwd=self.home, input=stdin,
                              capture_output=True, text=True, timeout=60, check=False)

    def docker(self, *words, **options):
        return self.run_words("docker", *words, **options)

    def alone(self, *words, **options):
        return self.run_words(BINARY, *words, **options)

    def context(self, name):
        """The context as docker CLI reads it."""
        done = self.docker("context", "inspect", name)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)[0]

    def credentials(self):
        path = self.home / ".aws/credentials"
        return path.read_text() if path.exists() else None
