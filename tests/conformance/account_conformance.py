"""Contexts that name an AWS account: which credentials and region are used, and what a refusal looks like."""
import hashlib
import json

import pexpect

from fake_aws import FakeAws
from home import BINARY, HomeTest

KEYS = "[docker-ecs-user]\naws_access_key_id = AKIAPROFILE00000000\naws_secret_access_key = profile-secret-profile\n"
LONG_ARNS = ("containerInstanceLongArnFormat", "serviceLongArnFormat", "taskLongArnFormat")


class AccountTest(HomeTest):
    def setUp(self):
        super().setUp()
        (self.home / ".aws/credentials").write_text(KEYS)
        self.settings = {name: "enabled" for name in LONG_ARNS}
        self.aws = FakeAws({
            "ListAccountSettings": lambda _: {"settings": [{"name": k, "value": v} for k, v in self.settings.items()]},
            "PutAccountSettingDefault": self.put_setting,
            "ListSecrets": lambda _: {"SecretList": []}})
        self.addCleanup(self.aws.close)
        self.environment["AWS_ENDPOINT_URL"] = self.aws.url
        self.environment["AWS_MAX_ATTEMPTS"] = "1"

    def put_setting(self, body):
        self.settings[body["name"]] = body["value"]
        return {"setting": body}

    def set_up(self, *flags, name="aws", **environment):
        return self.alone("setup", "--name", name, *flags, **environment)

    def test_setup_checks_the_account_quietly(self):
        done = self.set_up("--profile", "docker-ecs-user")
        self.assertEqual(done.returncode, 0)
        self.assertNotIn("warning", done.stderr)
        self.assertEqual([call[0] for call in self.aws.calls], ["ListAccountSettings"])
        self.assertEqual(self.aws.calls[0][1]["effectiveSettings"], True)

    def test_old_arns_are_reported_and_enabled_on_request(self):
        self.settings["serviceLongArnFormat"] = "disabled"
        done = self.set_up("--profile", "docker-ecs-user")
        self.assertEqual(done.returncode, 0)
        self.assertIn("has not opted in to the new ARN and resource ID format: serviceLongArnFormat\n", done.stderr)
        self.assertEqual(self.settings["serviceLongArnFormat"], "disabled")
        done = self.set_up("--profile", "docker-ecs-user", "--opt-in", name="aws2")
        self.assertIn("enabled: serviceLongArnFormat\n", done.stderr)
        self.assertEqual(self.settings["serviceLongArnFormat"], "enabled")

    def test_at_a_terminal_enabling_is_offered(self):
        self.settings["taskLongArnFormat"] = "disabled"
        child = pexpect.spawn(BINARY, ["setup", "--name", "aws", "--profile", "docker-ecs-user"], env=self.environment,
                              cwd=str(self.home), timeout=10, encoding="utf-8")
        self.addCleanup(child.close)
        child.expect(r"Enable it for the account\? \[y/N\]")
        child.send("y\r")
        child.expect("enabled: taskLongArnFormat")
        child.expect(pexpect.EOF)
        self.assertEqual(self.settings["taskLongArnFormat"], "enabled")

    def test_an_endpoint_that_is_away_costs_a_warning_only(self):
        self.aws.close()
        done = self.set_up("--profile", "docker-ecs-user")
        self.assertEqual(done.returncode, 0)
        self.assertIn("warning: the account was not checked: ", done.stderr)
        self.assertIn("Name", self.context("aws"))

    def test_the_contexts_profile_and_region_sign_the_calls(self):
        self.set_up("--profile", "docker-ecs-user")
        variables = {"AWS_ACCESS_KEY_ID": "AKIAENVIRONMENT00000", "AWS_SECRET_ACCESS_KEY": "x" * 20,
                     "AWS_REGION": "eu-north-1"}
        self.assertEqual(self.alone("--context", "aws", "secret", "ls", **variables).returncode, 0)
        self.assertIn("Credential=AKIAPROFILE00000000/", self.aws.calls[-1][2])
        self.assertIn("/ap-northeast-1/secretsmanager/", self.aws.calls[-1][2])
        self.set_up("--from-env", name="env", **variables)
        self.assertEqual(self.alone("--context", "env", "secret", "ls", **variables).returncode, 0)
        self.assertIn("Credential=AKIAENVIRONMENT00000/", self.aws.calls[-1][2])
        self.assertIn("/eu-north-1/secretsmanager/", self.aws.calls[-1][2])

    def test_what_is_missing_or_refused_is_said(self):
        self.set_up("--profile", "docker-ecs-user")
        self.set_up("--from-env", "--no-check", name="env")
        self.set_up("--profile", "Work", "--region", "eu-west-1", "--no-check", name="empty")

        def failed(context, **environment):
            done = self.alone("--context", context, "secret", "ls", **environment)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            return done.stderr
        self.assertRegex(failed("env", AWS_CONFIG_FILE="/dev/null"), "error: .*region")
        self.assertRegex(failed("env", AWS_REGION="eu-west-1"), "error: .*credentials")
        self.assertRegex(failed("empty"), "error: .*credentials")
        (self.home / ".aws/config").write_text("[default]\n")
        (self.home / ".aws/credentials").write_text("")
        self.assertIn('profile "docker-ecs-user" does not exist', failed("aws"))
        (self.home / ".aws/credentials").write_text(KEYS)
        for code, help_text in (("ExpiredTokenException", "have expired"), ("AccessDeniedException", "IAM policy"),
                                ("UnrecognizedClientException", "access key or its secret is wrong")):
            self.aws.answers["ListSecrets"] = lambda _, code=code: (400, code, "refused by the test")
            message = failed("aws")
            self.assertIn(f"error: refused by the test ({code})\n", message)
            self.assertIn(help_text, message)
            self.assertNotIn("profile-secret", message)

    def test_contexts_of_the_earlier_tools_reach_the_account(self):
        plugin = {"Name": "old", "Metadata": {"Type": "aws"}, "Endpoints": {
            kind: {"Profile": "docker-ecs-user", "Region": "sa-east-1"} for kind in ("aws", "docker")}}
        compose_cli = {"Name": "older", "Metadata": {"Type": "ecs"}, "Endpoints": {
            kind: {"Profile": "docker-ecs-user"} for kind in ("docker", "ecs")}}
        for document, region in ((plugin, "sa-east-1"), (compose_cli, "ap-northeast-1")):
            name = document["Name"]
            directory = self.home / ".docker/contexts/meta" / hashlib.sha256(name.encode()).hexdigest()
            directory.mkdir(parents=True)
            (directory / "meta.json").write_text(json.dumps(document))
            self.assertEqual(self.docker("context", "use", name).returncode, 0)
            done = self.docker("ecs", "secret", "ls")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("Credential=AKIAPROFILE00000000/", self.aws.calls[-1][2])
            self.assertIn(f"/{region}/secretsmanager/", self.aws.calls[-1][2])
