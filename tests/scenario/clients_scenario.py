"""Independent clients against the engine while the sample runs: boto3 with every raw answer held against botocore's models,
and the aws command."""
import json
import os
import shutil
import subprocess
import unittest

from model_check import Checker
from support import ROOT, Scenario, eventually

SAMPLE = str(ROOT / "examples" / "timestamper")


class Clients(Scenario):
    def setUp(self):
        super().setUp()
        self.engine.run("compose", "up", "--progress", "plain", cwd=SAMPLE)
        self.checker = Checker()

    def boto(self, service):
        return self.checker.attach(self.engine.client(service))

    def test_every_answer_fits_the_service_model(self):
        stacks = self.boto("cloudformation")
        stack = stacks.describe_stacks(StackName="timestamper")["Stacks"][0]
        self.assertEqual(stack["StackStatus"], "CREATE_COMPLETE")
        stacks.describe_stacks()
        stacks.list_stacks()
        stacks.describe_stack_resources(StackName="timestamper")
        stacks.list_stack_resources(StackName="timestamper")
        stacks.get_template(StackName="timestamper")
        stacks.get_template_summary(StackName="timestamper")
        stacks.list_change_sets(StackName="timestamper")
        events = stacks.describe_stack_events(StackName="timestamper")["StackEvents"]
        self.assertEqual(events[0]["ResourceStatus"], "CREATE_COMPLETE")
        self.assertEqual(events[-1]["ResourceStatus"], "REVIEW_IN_PROGRESS")

        ecs = self.boto("ecs")
        cluster = ecs.list_clusters()["clusterArns"][0]
        ecs.describe_clusters(clusters=[cluster])
        services = ecs.list_services(cluster=cluster)["serviceArns"]
        described = ecs.describe_services(cluster=cluster, services=services, include=["TAGS"])["services"]
        self.assertEqual({s["runningCount"] for s in described}, {1})
        tasks = ecs.list_tasks(cluster=cluster)["taskArns"]
        for task in ecs.describe_tasks(cluster=cluster, tasks=tasks)["tasks"]:
            self.assertEqual(task["lastStatus"], "RUNNING")
            ecs.describe_task_definition(taskDefinition=task["taskDefinitionArn"])
        ecs.list_task_definitions()
        ecs.list_account_settings(effectiveSettings=True)

        balancing = self.boto("elbv2")
        balancer = balancing.describe_load_balancers()["LoadBalancers"][0]
        balancing.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])
        balancing.describe_tags(ResourceArns=[balancer["LoadBalancerArn"]])
        group = balancing.describe_target_groups()["TargetGroups"][0]
        health = balancing.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
        self.assertEqual([h["TargetHealth"]["State"] for h in health], ["healthy"])

        logs = self.boto("logs")
        log_group = logs.describe_log_groups()["logGroups"][0]["logGroupName"]
        logs.describe_log_streams(logGroupName=log_group)
        eventually(lambda: logs.filter_log_events(logGroupName=log_group)["events"])

        secrets = self.boto("secretsmanager")
        secrets.create_secret(Name="probe", SecretString="canary-8471")
        secrets.list_secrets()
        secrets.describe_secret(SecretId="probe")
        self.assertEqual(secrets.get_secret_value(SecretId="probe")["SecretString"], "canary-8471")

        names = self.boto("servicediscovery")
        names.list_namespaces()
        found = names.list_services()["Services"]
        self.assertEqual({s["Name"] for s in found}, {"backend", "frontend"})
        names.list_instances(ServiceId=found[0]["Id"])

        self.boto("sts").get_caller_identity()
        iam = self.boto("iam")
        iam.get_role(RoleName=iam.list_roles()["Roles"][0]["RoleName"])
        ec2 = self.boto("ec2")
        ec2.describe_vpcs()
        ec2.describe_subnets()
        ec2.describe_security_groups()
        ec2.describe_route_tables()
        ec2.describe_availability_zones()

        self.assertEqual(self.checker.problems, [])
        self.assertGreater(len(self.checker.checked), 35)
        self.assertNotIn("canary-8471", self.engine.log())

    def test_the_aws_command(self):
        def aws(*args):
            done = subprocess.run(
                [shutil.which("aws"), "--endpoint-url", self.engine.endpoint, "--region", "us-east-1", "--output", "json", *args],
                env={**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"},
                capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            return json.loads(done.stdout)

        self.assertEqual(aws("sts", "get-caller-identity")["Account"], "000000000000")
        self.assertEqual(aws("cloudformation", "describe-stacks", "--stack-name", "timestamper")["Stacks"][0]["StackName"], "timestamper")
        self.assertGreater(len(aws("cloudformation", "describe-stack-events", "--stack-name", "timestamper")["StackEvents"]), 30)
        cluster = aws("ecs", "list-clusters")["clusterArns"][0]
        self.assertEqual(len(aws("ecs", "list-tasks", "--cluster", cluster)["taskArns"]), 2)
        group = aws("elbv2", "describe-target-groups")["TargetGroups"][0]["TargetGroupArn"]
        self.assertEqual(aws("elbv2", "describe-target-health", "--target-group-arn", group)
                         ["TargetHealthDescriptions"][0]["TargetHealth"]["State"], "healthy")


if __name__ == "__main__":
    unittest.main()
