"""Compose projects that people run: each comes up unchanged but for its images, answers on every published port, and its services reach
each other by name. The images are stood in for by local ones (stand_in/), because no registry is reachable in a test.

The project's own examples are always here; the corpus of public projects is used where it is present.
"""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from support import ROOT, Scenario, docker, eventually, get

CORPUS = pathlib.Path(os.environ.get("DOCKER_ECS_CORPUS", ROOT.parent / "shared" / "corpus"))
STAND_IN = pathlib.Path(__file__).parent / "stand_in"

# Folder of the corpus, files, variables that the project's own instructions ask for.
PROJECTS = [
    ("docker__awesome-compose/gitea-postgres", ["compose.yaml"], {}),
    ("docker__awesome-compose/nextcloud-redis-mariadb", ["compose.yaml"], {}),
    ("docker__awesome-compose/nginx-nodejs-redis", ["compose.yaml"], {}),
    ("docker__awesome-compose/postgresql-pgadmin", ["compose.yaml"],
     {"POSTGRES_USER": "u", "POSTGRES_PW": "p", "POSTGRES_DB": "d", "PGADMIN_MAIL": "a@example.com", "PGADMIN_PW": "p"}),
    ("docker__awesome-compose/fastapi", ["compose.yaml"], {}),
    ("docker__awesome-compose/sparkjava", ["compose.yaml"], {}),
    ("aws-containers__retail-store-sample-app/src/cart", ["docker-compose.yml"], {}),
    ("aws-containers__retail-store-sample-app/src/catalog", ["docker-compose.yml"], {"DB_PASSWORD": "testing"}),
    ("aws-containers__retail-store-sample-app/src/checkout", ["docker-compose.yml"], {}),
    ("aws-containers__retail-store-sample-app/src/orders", ["docker-compose.yml"], {"DB_PASSWORD": "testing"}),
    ("aws-containers__retail-store-sample-app/src/ui", ["docker-compose.yml"], {}),
    ("dockersamples__example-voting-app", ["docker-stack.yml"], {}),
]


def listening_ports(name, model):
    """The container ports of a service: what it publishes and exposes, what others' settings and its health check call."""
    service = model["services"][name]
    ports = {int(port["target"]) for port in service.get("ports", [])}
    ports |= {int(str(port).split("/")[0]) for port in service.get("expose", [])}
    for other in model["services"].values():
        for value in (other.get("environment") or {}).values():
            ports |= {int(port) for port in re.findall(rf"\b{re.escape(name)}:(\d+)\b", str(value or ""))}
    probe = " ".join(map(str, (service.get("healthcheck") or {}).get("test") or []))
    ports |= {int(port) for port in re.findall(r"localhost:(\d+)", probe)}
    return sorted(ports) or [8000]


def reachable_pairs(model):
    """(from, to) for services that share a network."""
    networks = {name: set(service.get("networks") or ["default"]) for name, service in model["services"].items()}
    return [(a, b) for a in networks for b in networks if a != b and networks[a] & networks[b]]


def build_stand_in(tag, name, ports):
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(["docker", "build", "-q", "-t", tag, "--label", "com.docker.ecs.test=stand-in", "--build-arg", f"NAME={name}",
                               "--build-arg", f"PORTS={' '.join(map(str, ports))}", str(STAND_IN)],
                              capture_output=True, text=True, check=False, env={**os.environ, "DOCKER_CONFIG": empty, "DOCKER_BUILDKIT": "0"})
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)


class Projects(Scenario):
    def come_up_and_answer(self, directory, files, variables):
        project = "p-" + re.sub(r"[^a-z0-9]+", "-", directory.name.lower())
        arguments = ["-p", project]
        for file in files:
            arguments += ["-f", str(directory / file)]
        model = json.loads(self.engine.run("compose", *arguments, "config", "--format", "json", cwd=directory, **variables).stdout)
        override = self.stand_in(project, model)
        arguments += ["-f", override]
        self.engine.run("compose", *arguments, "up", cwd=directory, timeout=300, **variables)
        self.answers_on_published_ports(project, model)
        self.names_resolve(project, model)
        self.engine.run("compose", *arguments, "down", cwd=directory, **variables)
        self.assertEqual(self.engine.containers(), [], "down leaves nothing behind")

    def stand_in(self, project, model):
        override = {"services": {}}
        for name in model["services"]:
            image = f"docker-ecs-stand-in/{project}-{name}:1".lower()
            build_stand_in(image, name, listening_ports(name, model))
            self.addCleanup(docker, "rmi", "-f", image, check=False)
            override["services"][name] = {"image": image}
        path = os.path.join(self.engine.home, f"{project}.json")
        pathlib.Path(path).write_text(json.dumps(override))
        return path

    def answers_on_published_ports(self, project, model):
        shown = json.loads(self.engine.run("compose", "-p", project, "ps", "--format", "json").stdout)
        hosts = {(row["Name"], p["PublishedPort"]): p["Host"] for row in shown for p in row["Publishers"]}
        for name, service in model["services"].items():
            for port in (int(p["published"]) for p in service.get("ports", []) if p.get("published")):
                self.assertIn((name, port), hosts, "ps shows every published port")
                url = f"http://{hosts[name, port]}:{port}/"
                status, body = eventually(lambda u=url: get(u), what=f"{name} answers on {port}")
                self.assertEqual((status, body.strip()), (200, name))

    def names_resolve(self, project, model):
        for source, target in reachable_pairs(model):
            container = self.engine.containers(f"label=com.docker.ecs.container={source}", "status=running")[0]
            port = listening_ports(target, model)[0]
            body = eventually(lambda c=container, t=target, p=port: docker("exec", c, "wget", "-q", "-O", "-", f"http://{t}:{p}/"),
                              what=f"{source} reaches {target}")
            self.assertEqual(body, target)


def add_test(directory, files, variables):
    name = "test_" + re.sub(r"\W+", "_", f"{directory.parent.name}_{directory.name}")
    setattr(Projects, name, lambda self: self.come_up_and_answer(directory, files, variables))


add_test(ROOT / "examples" / "timestamper", ["compose.yaml"], {})
if CORPUS.is_dir():
    for folder, files, variables in PROJECTS:
        add_test(CORPUS / folder, files, variables)

if __name__ == "__main__":
    unittest.main()
