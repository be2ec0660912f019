"""`compose run`: a command once, in a task like a service's."""
import signal
import unittest

from support import Scenario, eventually

COMPOSE = """
services:
  app:
    image: docker-ecs-test/busybox:1
    command: ["sleep", "1000"]
    environment: {GREETING: hello}
  migrate:
    image: docker-ecs-test/busybox:1
    command: ["sh", "-c", "echo migrated; exit 0"]
    profiles: [tools]
"""


class Run(Scenario):
    def setUp(self):
        super().setUp()
        self.folder = self.project(COMPOSE, name="oneoff")
        self.engine.run("compose", "up", "--progress", "plain", cwd=self.folder)

    def test_output_and_exit_code_are_those_of_the_container(self):
        done = self.engine.run("compose", "run", "-e", "NAME=you", "app", "sh", "-c", 'echo "$GREETING $NAME"; exit 7', cwd=self.folder,
                               check=False)
        self.assertEqual((done.returncode, done.stdout), (7, "hello you\n"), done.stderr)

    def test_a_service_of_a_profile_runs_with_its_own_command(self):
        done = self.engine.run("compose", "run", "migrate", cwd=self.folder)
        self.assertEqual(done.stdout, "migrated\n")

    def test_detached_it_shows_the_task(self):
        task = self.engine.run("compose", "run", "--detach", "app", "sleep", "500", cwd=self.folder).stdout.strip()
        tasks = self.engine.client("ecs").describe_tasks(cluster="oneoff", tasks=[task])["tasks"]
        self.assertEqual(tasks[0]["overrides"]["containerOverrides"][0]["command"], ["sleep", "500"])

    def test_ctrl_c_stops_the_task(self):
        running = self.engine.start_command("compose", "run", "app", "sh", "-c", "echo started; sleep 500", cwd=self.folder)
        self.assertEqual(running.stdout.readline(), "started\n")
        running.send_signal(signal.SIGINT)
        self.assertEqual(running.wait(30), 130)
        running.stdout.close()
        ecs = self.engine.client("ecs")
        eventually(lambda: len(ecs.list_tasks(cluster="oneoff", desiredStatus="RUNNING")["taskArns"]) == 1)

    def test_what_cannot_be_run_is_said(self):
        unknown = self.engine.run("compose", "run", "nobody", cwd=self.folder, check=False)
        self.assertEqual(unknown.returncode, 15)
        self.assertIn("no such service: nobody", unknown.stderr)
        self.engine.run("compose", "down", cwd=self.folder)
        gone = self.engine.run("compose", "run", "app", "true", cwd=self.folder, check=False)
        self.assertEqual(gone.returncode, 1)
        self.assertIn("oneoff is not deployed", gone.stderr)


if __name__ == "__main__":
    unittest.main()
