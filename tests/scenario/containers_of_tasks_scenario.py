"""Tasks as ECS runs them: volumes, several containers that wait for each other, secrets, one-off runs."""
import json
import unittest

from support import Scenario, docker, eventually

BUSYBOX = "docker-ecs-test/busybox:1"


def resource(kind, depends=(), policy=None, **properties):
    out = {"Type": f"AWS::{kind}", "Properties": properties}
    if depends:
        out["DependsOn"] = list(depends)
    if policy:
        out["DeletionPolicy"] = policy
    return out


class Stacks(Scenario):
    """Raw templates on an engine of their own."""

    def setUp(self):
        super().setUp()
        self.engine.run("local", "start")
        self.connect()

    def connect(self):
        self.cfn, self.ecs, self.logs, self.efs = (
            self.engine.client(s) for s in ("cloudformation", "ecs", "logs", "efs"))
        self.subnet = self.engine.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]

    def restart(self):
        self.engine.kill()
        self.start_again()

    def start_again(self):
        def answers():
            self.engine.run("local", "start")
            self.connect()
            return self.cfn.list_stacks()
        eventually(answers, what="the engine answers again")

    def container(self, name, command, **more):
        return {"Name": name, "Image": BUSYBOX, "Command": ["sh", "-c", command], **more,
                "LogConfiguration": {"LogDriver": "awslogs", "Options": {
                    "awslogs-group": {"Ref": "Logs"}, "awslogs-region": "us-east-1", "awslogs-stream-prefix": "p"}}}

    def task(self, *containers, **more):
        return resource("ECS::TaskDefinition", NetworkMode="awsvpc", Cpu="256", Memory="512",
                        RequiresCompatibilities=["FARGATE"], ExecutionRoleArn="arn:aws:iam::000000000000:role/x",
                        ContainerDefinitions=list(containers), **more)

    def service(self, definition, depends=(), count=1, group=None, **more):
        return resource(
            "ECS::Service", depends, Cluster={"Ref": "Cluster"}, TaskDefinition={"Ref": definition}, DesiredCount=count,
            LaunchType="FARGATE", NetworkConfiguration={"AwsvpcConfiguration": {
                "Subnets": [self.subnet], "SecurityGroups": [group or {"Fn::GetAtt": ["Group", "GroupId"]}]}},
            **{"DeploymentConfiguration": {"DeploymentCircuitBreaker": {"Enable": True, "Rollback": True}}, **more})

    def template(self, **resources):
        return json.dumps({"Resources": {
            "Cluster": resource("ECS::Cluster", ClusterName="app"), "Logs": resource("Logs::LogGroup", LogGroupName="app"),
            "Group": resource("EC2::SecurityGroup", GroupDescription="all"), **resources}})

    def stack(self, name="app"):
        return self.cfn.describe_stacks(StackName=name)["Stacks"][0]

    def ended(self, name="app", timeout=90):
        return eventually(lambda: not (s := self.stack(name)["StackStatus"]).endswith("IN_PROGRESS") and s,
                          timeout=timeout, what=f"stack {name} has ended")

    def deploy(self, template, name="app", expect="COMPLETE"):
        exists = name in [s["StackName"] for s in self.cfn.list_stacks()["StackSummaries"]
                          if s["StackStatus"] != "DELETE_COMPLETE"]
        call = self.cfn.update_stack if exists else self.cfn.create_stack
        call(StackName=name, TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"])
        status = self.ended(name)
        if expect == "COMPLETE":
            self.assertIn(status, ("CREATE_COMPLETE", "UPDATE_COMPLETE"), self.reasons(name))
        else:
            self.assertEqual(expect, status)

    def delete(self, name="app"):
        identity = self.stack(name)["StackId"]
        self.cfn.delete_stack(StackName=name)
        self.assertEqual("DELETE_COMPLETE", self.ended(identity), self.reasons(identity))

    def reasons(self, name="app"):
        return [(e["LogicalResourceId"], e["ResourceStatus"], e["ResourceStatusReason"])
                for e in self.cfn.describe_stack_events(StackName=name)["StackEvents"]
                if e.get("ResourceStatusReason") and "FAILED" in e["ResourceStatus"]]

    def lines(self, container):
        events = self.logs.filter_log_events(logGroupName="app", logStreamNamePrefix=f"p/{container}/")["events"]
        return [event["message"] for event in events]

    def stopped_tasks(self):
        arns = self.ecs.list_tasks(cluster="app", desiredStatus="STOPPED")["taskArns"]
        return self.ecs.describe_tasks(cluster="app", tasks=arns)["tasks"] if arns else []

    def inside(self, container, *command):
        ids = self.engine.containers(f"label=com.docker.ecs.container={container}", everything=False)
        return docker("exec", ids[0], *command)


def file_system(subnet, policy="Delete", owner="1000", mode="0750"):
    return {
        "Files": resource("EFS::FileSystem", policy=policy, Encrypted=True, BackupPolicy={"Status": "DISABLED"},
                          FileSystemTags=[{"Key": "Name", "Value": "app_data"}]),
        "Point": resource("EFS::AccessPoint", FileSystemId={"Ref": "Files"}, RootDirectory={
            "Path": "/data", "CreationInfo": {"OwnerUid": owner, "OwnerGid": "1001", "Permissions": mode}}),
        "Target": resource("EFS::MountTarget", FileSystemId={"Ref": "Files"}, SubnetId=subnet,
                           SecurityGroups=[{"Fn::GetAtt": ["Group", "GroupId"]}])}


def mounts_of_file_system(files=None):
    return [{"Name": "data", "EFSVolumeConfiguration": {
        "FilesystemId": files or {"Ref": "Files"}, "TransitEncryption": "ENABLED",
        "AuthorizationConfig": {"AccessPointId": {"Ref": "Point"}, "IAM": "ENABLED"}}}]


class Volumes(Stacks):
    def test_a_file_system_is_a_volume_with_an_owner_that_survives_its_tasks_and_the_stack_that_retains_it(self):
        writer = self.container("writer", "id -u; echo kept > /data/file && sleep 1000", User="1000:1001", MountPoints=[
            {"SourceVolume": "data", "ContainerPath": "/data"}])
        reader = self.container("reader", "sleep 1000", MountPoints=[
            {"SourceVolume": "data", "ContainerPath": "/data", "ReadOnly": True}])
        self.deploy(self.template(
            **file_system(self.subnet, "Retain"), Task=self.task(writer, reader, Volumes=mounts_of_file_system()),
            Service=self.service("Task", ["Target"])))
        self.assertEqual("1000 1001 750", self.inside("reader", "stat", "-c", "%u %g %a", "/data"))
        eventually(lambda: self.inside("reader", "cat", "/data/file") == "kept")
        with self.assertRaisesRegex(AssertionError, "Read-only file system"):
            self.inside("reader", "touch", "/data/other")
        files = self.efs.describe_file_systems()["FileSystems"][0]
        self.assertEqual(("available", 1, "app_data"),
                         (files["LifeCycleState"], files["NumberOfMountTargets"], files["Name"]))
        self.delete()
        self.assertEqual([], self.engine.containers())
        self.restart()
        known = self.efs.describe_file_systems()["FileSystems"]
        self.assertEqual([files["FileSystemId"]], [f["FileSystemId"] for f in known], "retained")
        again = file_system(self.subnet)
        del again["Files"]
        for part in again.values():
            part["Properties"]["FileSystemId"] = files["FileSystemId"]
        self.deploy(self.template(
            **again, Task=self.task(reader, Volumes=mounts_of_file_system(files["FileSystemId"])),
            Service=self.service("Task", ["Target"])), name="second")
        self.assertEqual("kept", self.inside("reader", "cat", "/data/file"))
        self.delete("second")
        self.efs.delete_file_system(FileSystemId=files["FileSystemId"])
        eventually(lambda: not docker("volume", "ls", "-q", "--filter", f"name={files['FileSystemId']}"))

    def test_without_a_mount_target_the_task_says_what_aws_says(self):
        parts = file_system(self.subnet)
        del parts["Target"]
        user = self.container("user", "sleep 1000", MountPoints=[{"SourceVolume": "data", "ContainerPath": "/data"}])
        self.deploy(self.template(**parts, Task=self.task(user, Volumes=mounts_of_file_system()),
                                  Service=self.service("Task")), expect="ROLLBACK_COMPLETE")
        self.assertIn("ECS Deployment Circuit Breaker was triggered", self.reasons()[0][2])

    def test_volumes_of_a_task_are_shared_between_its_containers_and_go_with_it(self):
        mount = [{"SourceVolume": "shared", "ContainerPath": "/shared"}]
        init = self.container("init", "echo made > /shared/file; chmod 0440 /shared/file", Essential=False,
                              MountPoints=mount)
        app = self.container("app", "cat /shared/file; sleep 1000", MountPoints=mount, ReadonlyRootFilesystem=True,
                             LinuxParameters={"Tmpfs": [{"ContainerPath": "/scratch", "Size": 8,
                                                         "MountOptions": ["mode=1770"]}]},
                             DependsOn=[{"ContainerName": "init", "Condition": "SUCCESS"}])
        self.deploy(self.template(Task=self.task(init, app, Volumes=[{"Name": "shared"}]), Service=self.service("Task")))
        eventually(lambda: self.lines("app") == ["made"])
        self.assertEqual("440", self.inside("app", "stat", "-c", "%a", "/shared/file"))
        self.inside("app", "touch", "/scratch/file")
        self.assertEqual("1770 8.0M", self.inside(
            "app", "sh", "-c", "echo $(stat -c %a /scratch) $(df -h /scratch | tail -1 | awk '{print $2}')"))
        with self.assertRaisesRegex(AssertionError, "Read-only file system"):
            self.inside("app", "touch", "/file")
        engine = self.engine.info()["engine_id"]

        def volumes():
            return docker("volume", "ls", "-q", "--filter", f"label=com.docker.ecs.engine={engine}").split()
        self.assertEqual(1, len(volumes()))
        self.engine.kill()
        docker("rm", "-f", *self.engine.containers())  # the task is gone while nobody looks
        self.start_again()
        eventually(lambda: len(self.engine.containers(everything=False)) == 2 and len(volumes()) == 1,
                   what="the next task has a volume of its own, the old one is gone")
        self.delete()
        eventually(lambda: not volumes())



class SeveralContainers(Stacks):
    def test_a_sidecar_must_be_healthy_first(self):
        proxy = self.container("proxy", "sleep 1; touch /tmp/ready; sleep 1000", HealthCheck={
            "Command": ["CMD-SHELL", "test -f /tmp/ready"], "Interval": 5, "Timeout": 2, "Retries": 10})
        app = self.container("app", "sleep 1000",
                             DependsOn=[{"ContainerName": "proxy", "Condition": "HEALTHY"}])
        self.deploy(self.template(Task=self.task(proxy, app), Service=self.service("Task")))
        task = self.ecs.describe_tasks(cluster="app", tasks=self.ecs.list_tasks(cluster="app")["taskArns"])["tasks"][0]
        self.assertEqual("HEALTHY", task["healthStatus"])
        self.assertEqual({"proxy": "HEALTHY", "app": "UNKNOWN"}, {c["name"]: c["healthStatus"] for c in task["containers"]})
        started = {}
        for name in ("proxy", "app"):
            ids = self.engine.containers(f"label=com.docker.ecs.container={name}", everything=False)
            started[name] = docker("inspect", "-f", "{{.State.StartedAt}}", ids[0])
        self.assertLess(started["proxy"], started["app"])

    def test_an_init_container_that_fails_ends_the_task_with_the_reason_and_rolls_the_stack_back(self):
        init = self.container("init", "echo no database; exit 7", Essential=False)
        app = self.container("app", "sleep 1000", DependsOn=[{"ContainerName": "init", "Condition": "SUCCESS"}])
        self.deploy(self.template(Task=self.task(init, app), Service=self.service("Task")), expect="ROLLBACK_COMPLETE")
        self.assertIn("ECS Deployment Circuit Breaker was triggered", self.reasons()[0][2])
        self.ecs.create_cluster(clusterName="app")
        task = self.stopped_tasks()[0]
        self.assertEqual("TaskFailedToStart", task["stopCode"])
        reason = ("CannotStartContainerError: dependency graph: failed to resolve the container ordering dependency [init] "
                  "for target [app] as dependency did not exit successfully (exit code 7)")
        self.assertEqual(reason, task["stoppedReason"])
        containers = {c["name"]: c for c in task["containers"]}
        self.assertEqual((7, reason), (containers["init"]["exitCode"], containers["app"]["reason"]))
        self.assertEqual([], self.engine.containers())

    def test_a_container_with_a_restart_policy_comes_back_and_the_task_stays(self):
        worker = self.container("worker", "sleep 3; exit 4", Essential=False, RestartPolicy={
            "Enabled": True, "RestartAttemptPeriod": 60, "IgnoredExitCodes": [5]})  # 60 s are 1.5 s here
        brief = self.container("brief", "exit 4", Essential=False, RestartPolicy={
            "Enabled": True, "RestartAttemptPeriod": 60})
        self.deploy(self.template(Task=self.task(self.container("app", "sleep 1000"), worker, brief),
                                  Service=self.service("Task")))
        arns = self.ecs.list_tasks(cluster="app")["taskArns"]

        def restarted():
            ids = self.engine.containers("label=com.docker.ecs.container=worker")
            started = docker("inspect", "-f", "{{.State.StartedAt}}", ids[0])
            first = self.__dict__.setdefault("first_start", started)
            return started != first
        eventually(restarted, what="the worker was started again")
        self.assertEqual(arns, self.ecs.list_tasks(cluster="app")["taskArns"], "the same task")
        containers = {c["name"]: c for c in self.ecs.describe_tasks(cluster="app", tasks=arns)["tasks"][0]["containers"]}
        self.assertEqual(("STOPPED", 4), (containers["brief"]["lastStatus"], containers["brief"]["exitCode"]),
                         "it did not run for the period")

    def test_secrets_and_parameters_are_variables(self):
        manager, parameters = self.engine.client("secretsmanager"), self.engine.client("ssm")
        arn = manager.create_secret(Name="prod/db", SecretString=json.dumps({"user": "me", "password": "s3cret"}))["ARN"]
        old = manager.describe_secret(SecretId=arn)["VersionIdsToStages"]
        manager.put_secret_value(SecretId=arn, SecretString=json.dumps({"user": "me", "password": "newer"}))
        parameters.put_parameter(Name="/prod/key", Type="SecureString", Value="k1")
        app = self.container("app", "echo $NEW $OLD $PARAMETER $BY_ARN; sleep 1000", Secrets=[
            {"Name": "NEW", "ValueFrom": f"{arn}:password::"},
            {"Name": "OLD", "ValueFrom": f"{arn}:password::{next(iter(old))}"},
            {"Name": "PARAMETER", "ValueFrom": "/prod/key"},
            {"Name": "BY_ARN", "ValueFrom": "arn:aws:ssm:us-east-1:000000000000:parameter/prod/key"}])
        self.deploy(self.template(Task=self.task(app), Service=self.service("Task")))
        eventually(lambda: self.lines("app") == ["newer s3cret k1 k1"], what="the variables are set")
        self.assertNotIn("s3cret", self.engine.log())

    def test_limits_and_settings_reach_the_containers(self):
        app = self.container(
            "app", "sleep 1000", User="1000:1000", Ulimits=[{"Name": "nofile", "SoftLimit": 512, "HardLimit": 1024}],
            SystemControls=[{"Namespace": "net.core.somaxconn", "Value": "333"}], StopTimeout=5,
            DockerLabels={"colour": "red"}, LinuxParameters={"InitProcessEnabled": True, "Capabilities": {"Drop": ["ALL"]}})
        self.deploy(self.template(
            Task=self.task(app, self.container("other", "sleep 1000"), EphemeralStorage={"SizeInGiB": 30}, PidMode="task"),
            Service=self.service("Task")))
        self.assertEqual("512 333 1000", self.inside(
            "app", "sh", "-c", "echo $(ulimit -n) $(cat /proc/sys/net/core/somaxconn) $(id -u)"))
        self.assertEqual("333", self.inside("other", "cat", "/proc/sys/net/core/somaxconn"), "one network for the task")
        self.assertGreaterEqual(self.inside("other", "ps").count("sleep 1000"), 2, "one process space for the task")
        ids = self.engine.containers("label=colour=red")
        self.assertEqual("5 0000000000000000", docker("inspect", "-f", "{{.Config.StopTimeout}}", ids[0]) + " " +
                         self.inside("app", "sh", "-c", "grep CapEff /proc/self/status | cut -f2"))
        task = self.ecs.describe_tasks(cluster="app", tasks=self.ecs.list_tasks(cluster="app")["taskArns"])["tasks"][0]
        self.assertEqual(30, task["ephemeralStorage"]["sizeInGiB"])


class OneOff(Stacks):
    def setUp(self):
        super().setUp()
        job = self.container("job", "echo default; exit 3", Environment=[{"Name": "WHO", "Value": "nobody"}])
        self.deploy(self.template(Task=self.task(job, Family="job")))

    def run_job(self, **more):
        return self.ecs.run_task(cluster="app", taskDefinition="job", launchType="FARGATE", networkConfiguration={
            "awsvpcConfiguration": {"subnets": [self.subnet], "securityGroups": ["sg-1"]}}, **more)["tasks"]

    def ended(self, name="app", timeout=90):
        if not name.startswith("arn:aws:ecs"):
            return super().ended(name, timeout)

        def stopped():
            task = self.ecs.describe_tasks(cluster="app", tasks=[name], include=["TAGS"])["tasks"][0]
            return task if task["lastStatus"] == "STOPPED" else None
        return eventually(stopped, timeout=timeout, what="the task has stopped")

    def test_a_task_runs_with_what_its_overrides_say(self):
        tasks = self.run_job(count=2, startedBy="me", clientToken="once", tags=[{"key": "run", "value": "1"}], overrides={
            "cpu": "512", "memory": "1024", "containerOverrides": [{
                "name": "job", "command": ["sh", "-c", "echo $WHO; exit 5"], "memory": 64,
                "environment": [{"name": "WHO", "value": "you"}]}]})
        self.assertEqual(2, len(tasks))
        again = self.run_job(count=2, startedBy="me", clientToken="once")
        self.assertEqual({t["taskArn"] for t in tasks}, {t["taskArn"] for t in again}, "the same call twice runs once")
        for task in tasks:
            end = self.ended(task["taskArn"])
            self.assertEqual((5, "EssentialContainerExited", "Essential container in task exited", "me", "512", "1024"),
                             (end["containers"][0]["exitCode"], end["stopCode"], end["stoppedReason"], end["startedBy"],
                              end["cpu"], end["memory"]))
            self.assertEqual([{"key": "run", "value": "1"}], end["tags"])
        self.assertEqual(["you", "you"], self.lines("job"))
        self.assertEqual(3, self.ended(self.run_job()[0]["taskArn"])["containers"][0]["exitCode"])

    def test_a_task_is_stopped_with_a_reason_also_when_the_engine_died_in_between(self):
        arn = self.run_job(overrides={"containerOverrides": [{"name": "job", "command": ["sleep", "1000"]}]})[0]["taskArn"]
        eventually(lambda: self.ecs.describe_tasks(cluster="app", tasks=[arn])["tasks"][0]["lastStatus"] == "RUNNING")
        self.restart()
        self.ecs.stop_task(cluster="app", task=arn, reason="enough")
        end = self.ended(arn)
        self.assertEqual(("UserInitiated", "enough"), (end["stopCode"], end["stoppedReason"]))
        self.assertEqual([], self.engine.containers())


class Updates(Stacks):
    def two(self, command="sleep 1000", version="1", **more):
        return self.template(
            Web=self.task(self.container("web", command, Environment=[{"Name": "VERSION", "Value": version}])),
            Db=self.task(self.container("db", "sleep 1000")),
            WebService=self.service("Web", count=2, **more), DbService=self.service("Db"))

    def ids(self, container):
        return sorted(self.engine.containers(f"label=com.docker.ecs.container={container}", everything=False))

    def test_a_change_of_one_service_touches_no_other_and_nothing_changed_does_nothing(self):
        self.deploy(self.two())
        web, db = self.ids("web"), self.ids("db")
        with self.assertRaisesRegex(Exception, "No updates are to be performed"):
            self.cfn.update_stack(StackName="app", TemplateBody=self.two())
        self.deploy(self.two(version="2"))
        self.assertEqual(db, self.ids("db"))
        self.assertFalse(set(web) & set(self.ids("web")))
        touched = {e["LogicalResourceId"] for e in self.cfn.describe_stack_events(StackName="app")["StackEvents"]
                   if e["ResourceStatus"].startswith("UPDATE")}
        self.assertEqual({"Web", "WebService", "app"}, touched)

    def test_a_failing_update_goes_back_to_the_containers_that_were_running(self):
        self.deploy(self.two())
        web, db = self.ids("web"), self.ids("db")
        self.deploy(self.two(command="echo broken; exit 1"), expect="UPDATE_ROLLBACK_COMPLETE")
        self.assertEqual((web, db), (self.ids("web"), self.ids("db")))
        self.assertEqual(["WebService"], sorted({r for r, s, _ in self.reasons() if s == "UPDATE_FAILED" and r != "Web"}))

    def test_an_engine_killed_in_the_middle_of_an_update_finishes_it(self):
        self.deploy(self.two())
        self.cfn.update_stack(StackName="app", TemplateBody=self.two(version="2"))
        eventually(lambda: len(self.ids("web")) > 2, interval=0.01)
        self.restart()
        self.assertEqual("UPDATE_COMPLETE", self.ended())
        self.assertEqual(2, len(self.ids("web")))
        for container in self.ids("web"):
            self.assertEqual("2", docker("exec", container, "sh", "-c", "echo $VERSION"))

    def test_what_cannot_be_done_is_refused_by_name_and_nothing_is_made(self):
        for part, name in (({"DeploymentConfiguration": {"Strategy": "CANARY"}}, "DeploymentConfiguration/Strategy"),
                           ({"VpcLatticeConfigurations": [{"PortName": "x"}]}, "VpcLatticeConfigurations")):
            with self.assertRaisesRegex(Exception, f"#/{name}.*is not in the local engine"):
                self.cfn.create_stack(StackName="app", TemplateBody=self.two(**part))
        self.assertEqual([], self.cfn.list_stacks()["StackSummaries"])

    def test_a_large_template_is_read_from_the_engines_own_s3(self):
        storage = self.engine.client("s3")
        storage.create_bucket(Bucket="templates")
        storage.put_bucket_tagging(Bucket="templates", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
        body = json.dumps({**json.loads(self.two()), "Metadata": {"Pad": "x" * 60000}})
        storage.put_object(Bucket="templates", Key="app/template.json", Body=body.encode())
        self.assertEqual(body, storage.get_object(Bucket="templates", Key="app/template.json")["Body"].read().decode())
        self.assertEqual(["app/template.json"], [
            o["Key"] for o in storage.list_objects_v2(Bucket="templates", Prefix="app/")["Contents"]])
        self.assertEqual(len(body), storage.head_object(Bucket="templates", Key="app/template.json")["ContentLength"])
        self.cfn.create_stack(StackName="app", TemplateURL=f"{self.engine.endpoint}/templates/app/template.json")
        self.assertEqual("CREATE_COMPLETE", self.ended())
        with self.assertRaisesRegex(Exception, "S3 error: The specified key does not exist"):
            self.cfn.create_stack(StackName="b", TemplateURL=f"{self.engine.endpoint}/templates/none")

    def test_what_only_aws_acts_on_is_recorded(self):
        scaled = {"ResourceId": {"Fn::Sub": "service/${Cluster}/${WebService.Name}"}, "ServiceNamespace": "ecs",
                  "ScalableDimension": "ecs:service:DesiredCount"}
        template = json.loads(self.two())
        template["Resources"].update({
            "Scaling": resource("ApplicationAutoScaling::ScalableTarget", MinCapacity=3, MaxCapacity=5, **scaled),
            "Policy": resource("ApplicationAutoScaling::ScalingPolicy", PolicyName="cpu", PolicyType="TargetTrackingScaling",
                               ScalingTargetId={"Ref": "Scaling"}, TargetTrackingScalingPolicyConfiguration={
                                   "TargetValue": 50, "PredefinedMetricSpecification": {
                                       "PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}),
            "Nightly": resource("Scheduler::Schedule", ScheduleExpression="cron(0 3 * * ? *)", FlexibleTimeWindow={
                "Mode": "OFF"}, Target={"Arn": {"Fn::GetAtt": ["Cluster", "Arn"]}, "RoleArn": "arn:aws:iam::1:role/x"})})
        self.deploy(json.dumps(template))
        eventually(lambda: len(self.ids("web")) == 3, what="no less than MinCapacity run")
        self.delete()


if __name__ == "__main__":
    unittest.main()
