"""Docker Engine restarted under running tasks: a second dockerd, in namespaces of its own, so that nobody else's is touched.

The program runs itself again inside the namespaces, because the tasks' addresses exist only there. It needs root.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

INSIDE = "DOCKER_RESTART_SCENARIO"
IMAGE = "docker-ecs-test/busybox:1"


class Outside(unittest.TestCase):
    def test_in_namespaces_of_its_own(self):
        become_root = [] if os.geteuid() == 0 else ["sudo", "-n", "--preserve-env"]
        with tempfile.TemporaryDirectory(prefix="docker-ecs-restart-") as directory:
            subprocess.run(["docker", "save", "-o", f"{directory}/image.tar", IMAGE], check=True)
            done = subprocess.run([*become_root, "unshare", "--net", "--mount", sys.executable, "-m", "unittest", "-v", __file__],
                                  env={**os.environ, INSIDE: directory}, capture_output=True, text=True, timeout=300, check=False)
            log = pathlib.Path(directory, "dockerd.log")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr + (log.read_text()[-1500:] if log.exists() else ""))


def scenarios():
    from support import Scenario, docker, eventually, free_port, get

    directory = os.environ[INSIDE]
    os.environ["DOCKER_HOST"] = f"unix://{directory}/docker.sock"

    class SecondDocker:
        def __init__(self):
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            self.start()

        def start(self):
            with open(f"{directory}/dockerd.log", "ab") as log:
                self.process = subprocess.Popen(
                    ["dockerd", "-H", os.environ["DOCKER_HOST"], "--data-root", f"{directory}/data", "--exec-root",
                     f"{directory}/exec", "-p", f"{directory}/pid"], stdout=log, stderr=log)
            eventually(lambda: docker("version"), what="dockerd answers", interval=0.1)

        def stop(self, how=signal.SIGTERM):
            self.process.send_signal(how)
            self.process.wait(timeout=60)
            if how == signal.SIGKILL:  # its containerd is left behind; the next dockerd waits for a stale one
                containerd = pathlib.Path(directory, "exec/containerd/containerd.pid")
                os.kill(int(containerd.read_text()), signal.SIGKILL)
                containerd.unlink()

    class Restart(Scenario):
        engine_environment = {"DOCKER_HOST": os.environ["DOCKER_HOST"]}

        @classmethod
        def setUpClass(cls):
            cls.docker = SecondDocker()
            docker("load", "-q", "-i", f"{directory}/image.tar")

        @classmethod
        def tearDownClass(cls):
            cls.docker.stop()
            shutil.rmtree(f"{directory}/data", ignore_errors=True)

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

    return Restart


if os.environ.get(INSIDE):
    Restart = scenarios()
    del Outside

if __name__ == "__main__":
    unittest.main()
