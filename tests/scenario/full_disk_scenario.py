"""No room on Docker's disk while an image is pulled."""
import os
import pathlib
import subprocess
import unittest

import second_docker
from second_docker import IMAGE
from support import Scenario, docker, eventually, free_port, get

SIZE = 96 << 20


class FullDisk(Scenario):
    @classmethod
    def setUpClass(cls):
        cls.data = pathlib.Path(second_docker.directory(), "data")
        cls.data.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(cls.data)], check=True)
        cls.addClassCleanup(subprocess.run, ["umount", "-l", str(cls.data)], check=True)
        cls.docker = second_docker.SecondDocker()
        cls.addClassCleanup(cls.docker.stop)
        cls.docker.load()
        cls.engine_environment = {"DOCKER_HOST": os.environ["DOCKER_HOST"]}

    def registry_with_large_image(self):
        """A registry on loopback that holds an image of 24 MiB; returns its name."""
        port = free_port()
        home = pathlib.Path(self.engine.home)
        (home / "registry.yml").write_text(
            f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {home}/registry}}}}\n"
            f"http: {{addr: '127.0.0.1:{port}'}}\n")
        registry = subprocess.Popen(["docker-registry", "serve", str(home / "registry.yml")], stderr=subprocess.DEVNULL)
        self.addCleanup(registry.wait)
        self.addCleanup(registry.kill)
        eventually(lambda: get(f"http://127.0.0.1:{port}/v2/")[0] == 200)
        image = f"localhost:{port}/large:1"
        (home / "Dockerfile").write_text(f"FROM {IMAGE}\nCOPY noise /noise\n")
        (home / "noise").write_bytes(os.urandom(24 << 20))
        docker("build", "-q", "-t", image, str(home))
        docker("push", "-q", image)
        docker("rmi", image)
        docker("image", "prune", "-f")  # this dockerd is ours alone
        return image

    def test_pull_without_room_fails_in_dockers_words_and_leaves_nothing(self):
        image = self.registry_with_large_image()
        directory = self.project(f"""
services:
  web:
    image: {image}
    command: ["sleep", "1000"]
    stop_grace_period: 1s
""")
        room = os.statvfs(self.data)
        filler = self.data / "filler"
        filler.write_bytes(bytes(room.f_bavail * room.f_frsize - (8 << 20)))
        up = self.engine.run("compose", "up", cwd=directory, check=False)
        text = up.stdout + up.stderr
        self.assertEqual(up.returncode, 1, text)
        self.assertRegex(text, r"CannotPullContainerError: .*no space left on device")
        self.assertEqual(self.engine.containers(), [])
        stack = self.engine.client("cloudformation").describe_stacks(StackName="app")["Stacks"][0]
        self.assertEqual(stack["StackStatus"], "ROLLBACK_COMPLETE")
        self.engine.run("compose", "ps", cwd=directory)
        self.engine.run("compose", "logs", cwd=directory)
        filler.unlink()
        self.engine.run("compose", "up", cwd=directory)
        self.assertEqual(len(self.engine.containers("label=com.docker.ecs.container=web", everything=False)), 1)


if second_docker.directory() is None:
    del FullDisk
    Outside = second_docker.outside(__file__)

if __name__ == "__main__":
    unittest.main()
