"""What a task is made of: files and secrets written before it starts, jobs, containers that share a task."""
import pathlib
import unittest

from support import Scenario, docker, eventually

BUSYBOX = "docker-ecs-test/busybox:1"

HEAD = f"""
name: tasks
x-aws-init_image: {BUSYBOX}
services:
"""


def service(name, command, more=""):
    return f"""
  {name}:
    image: {BUSYBOX}
    command: ["sh", "-c", "{command}; sleep 1000"]
{more}"""


class Tasks(Scenario):
    def up(self, directory, check=True):
        return self.engine.run("compose", "up", "--progress", "plain", cwd=directory, check=check)

    def ids(self, name):
        """The running containers of that name in its task, by its first container."""
        return sorted(docker("ps", "-q", "--filter", f"label=com.docker.ecs.engine={self.engine.info()['engine_id']}",
                             "--filter", f"name=-{name}-[0-9a-f]*$").split())

    def sh(self, name, command):
        ids = eventually(lambda: self.ids(name), what=f"{name} runs")
        return docker("exec", ids[0], "sh", "-c", command)

    def test_secrets_and_configs_are_files(self):
        compose = HEAD + service("api", "true", """
    secrets:
      - {source: password, mode: 0400, uid: "1000", gid: "1001"}
      - {source: token, x-aws-env: TOKEN}
    configs:
      - {source: settings, target: /etc/app/settings.ini, mode: 0440}
    volumes:
      - ./site:/srv/site:ro
      - ./motd:/opt/app/motd:ro
""") + service("other", "true") + """
secrets:
  password: {file: password.txt}
  token: {file: token.txt}
configs:
  settings: {content: "colour = blue"}
"""
        directory = self.project(compose, **{"password.txt": "canary-one\n", "token.txt": "canary-two", "motd": "welcome"})
        site = pathlib.Path(directory, "site", "deep")
        site.mkdir(parents=True)
        (site / "page.html").write_text("it's <here>")
        (site / "run.sh").write_text("#!/bin/sh\n")
        (site / "run.sh").chmod(0o755)
        self.assertNotIn("canary", self.engine.run("compose", "convert", cwd=directory).stdout)
        said = self.up(directory)
        self.assertNotIn("canary", said.stdout + said.stderr + self.engine.log())
        self.assertEqual(self.sh("api", "cat /run/secrets/password"), "canary-one")
        self.assertEqual(self.sh("api", "stat -c %a:%u:%g /run/secrets/password"), "400:1000:1001")
        self.assertEqual(self.sh("api", "echo $TOKEN; ls /run/secrets"), "canary-two\npassword")
        self.assertEqual(self.sh("api", "cat /etc/app/settings.ini; stat -c %a /etc/app/settings.ini"), "colour = blue440")
        self.assertEqual(self.sh("api", "cat /srv/site/deep/page.html"), "it's <here>")
        self.assertEqual(self.sh("api", "stat -c %a /srv/site/deep/run.sh; cat /opt/app/motd"), "755\nwelcome")

        api, other = self.ids("api"), self.ids("other")
        self.assertIn("nothing changed", self.up(directory).stderr)
        self.assertEqual((self.ids("api"), self.ids("other")), (api, other))
        pathlib.Path(directory, "token.txt").write_text("canary-three")
        self.up(directory)
        self.assertEqual(self.sh("api", "echo $TOKEN"), "canary-three")
        self.assertNotEqual(self.ids("api"), api)
        self.assertEqual(self.ids("other"), other, "a service without the secret is left alone")
        secrets = self.engine.client("secretsmanager")
        self.assertEqual(len(secrets.list_secrets()["SecretList"]), 2)
        self.engine.run("compose", "down", cwd=directory)
        self.assertEqual(secrets.list_secrets()["SecretList"], [])

    def test_a_job_runs_before_what_waits_for_it(self):
        def compose(job):
            return HEAD + f"""
  migrate:
    image: {BUSYBOX}
    command: ["sh", "-c", "{job}"]
""" + service("web", "true", """
    depends_on: {migrate: {condition: service_completed_successfully}}
    environment: {VERSION: "%s"}
""" % abs(hash(job)))
        directory = self.project(compose("sleep 1; echo migrated"))
        self.up(directory)
        logs = self.engine.run("compose", "logs", cwd=directory).stdout
        self.assertIn("migrated", logs)
        web = eventually(lambda: self.ids("web"), what="web runs")
        pathlib.Path(directory, "compose.yaml").write_text(compose("echo no such table; exit 3"))
        failed = self.up(directory, check=False)
        self.assertNotEqual(failed.returncode, 0)
        self.assertIn("no such table", failed.stdout + failed.stderr)
        self.assertEqual(self.ids("web"), web, "what waits for a failed job is left alone")

    def test_containers_share_a_task(self):
        family = "    deploy: {labels: {ecs.task.family: web}}"
        directory = self.project(HEAD + service("web", "true", f"""
    depends_on: {{ready: {{condition: service_healthy}}, first: {{condition: service_completed_successfully}}}}
    volumes: ["shared:/shared"]
{family}
""") + f"""
  first:
    image: {BUSYBOX}
    command: ["sh", "-c", "echo prepared > /shared/first"]
    volumes: ["shared:/shared"]
{family}
""" + service("ready", "sleep 1; touch /tmp/ready", f"""
    healthcheck: {{test: [CMD, test, -f, /tmp/ready], interval: 5s}}
{family}
""") + service("beside", "true", """
    network_mode: service:web
""") + """
volumes:
  shared: {driver_opts: {type: ephemeral}}
""")
        self.up(directory)
        self.assertEqual(self.sh("web", "cat /shared/first"), "prepared")
        self.assertEqual(self.sh("beside", "cat /proc/net/fib_trie"), self.sh("web", "cat /proc/net/fib_trie"))


if __name__ == "__main__":
    unittest.main()
