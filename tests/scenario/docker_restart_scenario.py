"""Docker Engine restarted under running tasks."""
import os
import signal
import unittest

import second_docker
from second_docker import IMAGE
from support import Scenario, eventually, free_port, get


class Restart(Scenario):
    @classmethod
    def setUpClass(cls):
        cls.docker = second_docker.SecondDocker()
        cls.addClassCleanup(cls.docker.close)
        cls.docker.load()
        cls.engine_environment = {"DOCKER_HOST": os.environ["DOCKER_HOST"]}

    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.directory = self.project(f"""
services:
  web:
    image: {IMAGE}
    command: ["sh", "-c", "echo hello > /tmp/index.html; exec httpd -f -p 8080 -h /tmp"]
    ports: ["{self.port}:8080"]
    stop_grace_period: 2s
    deploy: {{replicas: 2}}
""")
        self.engine.run("compose", "up", cwd=self.directory)

    def check_same_again(self):
        eventually(lambda: get(f"http://127.0.0.1:{self.port}/")[0] == 200)
        tasks = "label=com.docker.ecs.container=web"
        eventually(lambda: len(self.engine.containers(tasks, everything=False)) == 2)
        eventually(lambda: "2/2" in self.engine.run("compose", "ps", cwd=self.directory).stdout)
        eventually(lambda: len(self.engine.containers(tasks)) == 2, what="nothing of the stopped tasks is left")
        stack = self.engine.client("cloudformation").describe_stacks(StackName="app")["Stacks"][0]
        self.assertEqual(stack["StackStatus"], "CREATE_COMPLETE")
        self.assertIn("nothing changed", self.engine.run("compose", "up", cwd=self.directory).stderr)
        self.engine.run("compose", "down", cwd=self.directory)
        self.assertEqual(self.engine.containers(), [])

    def test_tasks_come_back_after_a_restart(self):
        self.docker.stop()
        text = self.engine.run("compose", "ps", cwd=self.directory).stdout
        self.assertIn("web", text, "the engine answers while Docker is away")
        self.docker.start()
        self.check_same_again()

    def test_tasks_come_back_after_a_kill(self):
        self.docker.stop(signal.SIGKILL)
        self.docker.start()
        self.check_same_again()

    def test_both_engines_restarted(self):
        self.engine.kill()
        self.docker.stop()
        self.docker.start()
        self.engine.run("local", "start")
        self.check_same_again()


if second_docker.directory() is None:
    del Restart
    Outside = second_docker.outside(__file__)

if __name__ == "__main__":
    unittest.main()
