"""The local ECS with real containers, through the AWS API only: tasks, names, logs, faults, recovery."""
import base64
import json
import pathlib
import subprocess
import unittest

from support import Scenario, docker, eventually, free_port

BUSYBOX = "docker-ecs-test/busybox:1"


class Containers(Scenario):
    def setUp(self):
        super().setUp()
        self.engine.run("local", "start")
        self.connect()
        self.ecs.create_cluster(clusterName="app")
        self.logs.create_log_group(logGroupName="app")

    def connect(self):
        self.ecs, self.logs, self.names = (self.engine.client(s) for s in ("ecs", "logs", "servicediscovery"))

    def restart(self):
        self.engine.kill()
        self.start()

    def start(self):
        def answers():
            self.engine.run("local", "start")  # the killed process may still hold the lock for a moment
            self.connect()
            return self.ecs.list_clusters()
        eventually(answers, what="the engine answers again")

    def container(self, name, command, image=BUSYBOX, **more):
        return {"name": name, "image": image, "command": ["sh", "-c", command], **more,
                "logConfiguration": {"logDriver": "awslogs", "options": {
                    "awslogs-group": "app", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "p"}}}

    def define(self, family, *containers):
        return self.ecs.register_task_definition(
            family=family, networkMode="awsvpc", cpu="256", memory="512", requiresCompatibilities=["FARGATE"],
            executionRoleArn="arn:aws:iam::000000000000:role/x",
            containerDefinitions=list(containers))["taskDefinition"]["taskDefinitionArn"]

    def network(self, *groups):
        return {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": list(groups)}}

    def serve(self, name, definition, groups=("sg-1",), count=1, **more):
        self.ecs.create_service(cluster="app", serviceName=name, taskDefinition=definition, desiredCount=count,
                                launchType="FARGATE", networkConfiguration=self.network(*groups),
                                deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
                                **more)

    def describe(self, name):
        return self.ecs.describe_services(cluster="app", services=[name])["services"][0]

    def steady(self, name):
        def probe():
            service = self.describe(name)
            return (len(service["deployments"]) == 1 and service["deployments"][0]["rolloutState"] == "COMPLETED"
                    and service["runningCount"] == service["desiredCount"])
        eventually(probe, what=f"{name} is steady")

    def run_to_end(self, definition, groups=("sg-1",)):
        arn = self.ecs.run_task(cluster="app", taskDefinition=definition, launchType="FARGATE",
                                networkConfiguration=self.network(*groups))["tasks"][0]["taskArn"]

        def stopped():
            task = self.ecs.describe_tasks(cluster="app", tasks=[arn])["tasks"][0]
            return task if task["lastStatus"] == "STOPPED" else None
        return eventually(stopped, what=f"{definition} has stopped")

    def lines(self, container):
        events = self.logs.filter_log_events(logGroupName="app", logStreamNamePrefix=f"p/{container}/")["events"]
        return [event["message"] for event in events]

    def registry(self, name):
        existing = self.names.list_namespaces()["Namespaces"]
        if existing:
            namespace = existing[0]["Id"]
        else:
            operation = self.names.create_private_dns_namespace(Name="app.local", Vpc="vpc-1")["OperationId"]
            namespace = self.names.get_operation(OperationId=operation)["Operation"]["Targets"]["NAMESPACE"]
        return self.names.create_service(Name=name, NamespaceId=namespace, DnsConfig={
            "DnsRecords": [{"Type": "A", "TTL": 10}]})["Service"]["Arn"]

    def test_tasks_reach_each_other_by_name_exactly_when_they_share_a_group(self):
        answer = "while true; do echo hello | nc -l -p 7000; done"
        self.serve("backend", self.define("backend", self.container("backend", answer)),
                   serviceRegistries=[{"registryArn": self.registry("backend")}])
        self.steady("backend")
        arn = self.ecs.list_tasks(cluster="app", serviceName="backend")["taskArns"][0]
        task = self.ecs.describe_tasks(cluster="app", tasks=[arn])["tasks"][0]
        address = task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"]
        ask = self.define("ask", self.container("ask", f"nc -w 2 {address} 7000 </dev/null || exit 9"))
        friend = self.registry("friend")  # gives the asking service the search domain
        self.serve("friend", self.define("friend", self.container(
            "friend", "for name in backend backend.app.local; do until said=$(nc -w 2 $name 7000 </dev/null) && [ -n \"$said\" ]; "
            "do sleep 0.1; done; echo $said; done; sleep 1000")),
                   serviceRegistries=[{"registryArn": friend}])
        eventually(lambda: self.lines("friend") == ["hello", "hello"], what="both names answer")
        stranger = self.run_to_end(ask, groups=("sg-2",))
        self.assertEqual(9, stranger["containers"][0]["exitCode"])
        self.assertEqual("EssentialContainerExited", stranger["stopCode"])

    def test_a_line_of_a_running_container_is_in_its_log_stream_within_a_second(self):
        self.serve("talk", self.define("talk", self.container(
            "talk", "n=0; while true; do n=$((n+1)); echo line $n; sleep 0.1; done")))
        eventually(lambda: len(self.lines("talk")) > 3, timeout=10)
        self.restart()
        count = len(self.lines("talk"))
        eventually(lambda: len(self.lines("talk")) > count + 5)
        lines = self.lines("talk")
        self.assertEqual([f"line {n}" for n in range(1, len(lines) + 1)], lines, "none lost, none twice")

    def test_several_containers_share_localhost_and_start_in_order(self):
        definition = self.define(
            "multi",
            self.container("init", "echo ready", essential=False),
            self.container("web", "while true; do echo hi | nc -l -p 8080; done",
                           dependsOn=[{"containerName": "init", "condition": "SUCCESS"}],
                           healthCheck={"command": ["CMD-SHELL", "true"], "interval": 30}),
            self.container("ask", "nc 127.0.0.1 8080 </dev/null",
                           dependsOn=[{"containerName": "web", "condition": "HEALTHY"}]))
        task = self.run_to_end(definition)
        codes = {c["name"]: c.get("exitCode") for c in task["containers"]}
        self.assertEqual(0, codes["init"])
        self.assertEqual(0, codes["ask"])
        self.assertEqual(["hi"], self.lines("ask"))
        eventually(lambda: not self.engine.containers(), what="no container is left")

    def test_an_image_that_cannot_be_pulled_ends_the_deployment_with_the_registrys_words(self):
        self.serve("bad", self.define("bad", self.container("bad", "true", image="127.0.0.1:1/nothing:1")))
        eventually(lambda: self.describe("bad")["deployments"][0]["rolloutState"] == "FAILED")
        tasks = self.ecs.list_tasks(cluster="app", serviceName="bad", desiredStatus="STOPPED")["taskArns"]
        self.assertEqual(3, len(tasks))
        for task in self.ecs.describe_tasks(cluster="app", tasks=tasks)["tasks"]:
            self.assertEqual("TaskFailedToStart", task["stopCode"])
            self.assertRegex(task["stoppedReason"], "^CannotPullContainerError: .*connection refused")

    def registry_with_password(self, image):
        """A registry on loopback that holds `image` for alice; returns the name to pull."""
        port, home = free_port(), pathlib.Path(self.engine.home, "registry")
        home.mkdir()
        hashed = subprocess.run(["htpasswd", "-Bbn", "alice", "token-1"], capture_output=True, text=True, check=True)
        (home / "htpasswd").write_text(hashed.stdout)
        (home / "config.yml").write_text(
            f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {home}/data}}}}\n"
            f"http: {{addr: '127.0.0.1:{port}'}}\nauth: {{htpasswd: {{realm: test, path: {home}/htpasswd}}}}\n")
        server = subprocess.Popen(["docker-registry", "serve", str(home / "config.yml")], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        name = f"localhost:{port}/alice/app:1"
        credentials = base64.b64encode(b"alice:token-1").decode()
        (home / "config.json").write_text(json.dumps({"auths": {f"localhost:{port}": {"auth": credentials}}}))
        docker("tag", image, name)
        self.addCleanup(docker, "rmi", "-f", name, check=False)
        eventually(lambda: docker("--config", str(home), "push", "-q", name), what="the image is pushed")
        docker("rmi", name)
        return name

    def test_a_private_image_is_pulled_with_the_secrets_credentials(self):
        image = self.registry_with_password(BUSYBOX)
        secrets = self.engine.client("secretsmanager")

        def definition(name, password):
            secret = secrets.create_secret(Name=name, SecretString=json.dumps(
                {"username": "alice", "password": password}))["ARN"]
            return self.define(name, self.container("app", "sleep 1000", image=image, repositoryCredentials={
                "credentialsParameter": secret}))
        self.serve("denied", definition("denied", "token-0"))
        eventually(lambda: self.describe("denied")["deployments"][0]["rolloutState"] == "FAILED")
        task = self.ecs.list_tasks(cluster="app", serviceName="denied", desiredStatus="STOPPED")["taskArns"][0]
        reason = self.ecs.describe_tasks(cluster="app", tasks=[task])["tasks"][0]["stoppedReason"]
        self.assertRegex(reason, "^CannotPullContainerError: .*unauthorized")
        self.assertNotIn("token", reason + self.engine.log())
        self.serve("allowed", definition("allowed", "token-1"))
        self.steady("allowed")

    def test_out_of_memory_is_said(self):
        hungry = self.container("hungry", "x=a; while true; do x=$x$x$x$x; done", memory=8)
        task = self.run_to_end(self.define("hungry", hungry))
        self.assertEqual(137, task["containers"][0]["exitCode"])
        self.assertEqual("OutOfMemoryError: Container killed due to memory usage", task["containers"][0]["reason"])

    def test_killed_containers_are_replaced_also_when_the_engine_was_away(self):
        self.serve("web", self.define("web", self.container("web", "sleep 1000")), count=2)
        self.steady("web")
        first, second = self.engine.containers()
        docker("kill", first)
        eventually(lambda: first not in self.engine.containers() and len(self.engine.containers(everything=False)) == 2)
        self.engine.kill()
        docker("rm", "-f", second)
        self.start()
        eventually(lambda: len(self.engine.containers(everything=False)) == 2)
        self.steady("web")
        self.assertEqual(2, len(self.engine.containers()))

    def test_killed_at_any_moment_the_engine_leaves_neither_orphans_nor_gaps(self):
        self.serve("many", self.define("many", self.container("many", "sleep 1000")), count=5)
        for _ in range(4):
            self.restart()
        self.steady("many")
        self.assertEqual(5, len(self.engine.containers()))
        self.ecs.delete_service(cluster="app", service="many", force=True)
        self.restart()
        eventually(lambda: self.describe("many")["status"] == "INACTIVE")
        self.assertEqual([], self.engine.containers())
        engine = self.engine.info()["engine_id"]
        eventually(lambda: not docker("network", "ls", "-q", "--filter", f"label=com.docker.ecs.engine={engine}"))

    def test_a_crash_loop_slows_down_and_piles_nothing_up(self):
        self.ecs.create_service(cluster="app", serviceName="crash", desiredCount=1, launchType="FARGATE",
                                taskDefinition=self.define("crash", self.container("crash", "echo boom; exit 3")),
                                networkConfiguration=self.network("sg-1"))
        eventually(lambda: self.describe("crash")["deployments"][0]["failedTasks"] >= 3, timeout=60)
        self.assertLessEqual(len(self.engine.containers()), 2)
        self.assertEqual("boom", self.lines("crash")[0])


if __name__ == "__main__":
    unittest.main()
