"""`docker ecs setup` at a terminal and without one."""
import os
import stat

import pexpect

from home import BINARY, HomeTest

DOWN = "\x1b[B"
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


class SetupTest(HomeTest):
    def spawn(self, *flags, **environment):
        child = pexpect.spawn(BINARY, ["setup", "--no-check", *flags], env={**self.environment, **environment},
                              cwd=str(self.home), timeout=10, encoding="utf-8", dimensions=(24, 100))
        self.addCleanup(child.close)
        return child

    def finish(self, child):
        child.expect(pexpect.EOF)
        child.close()
        return child.exitstatus

    def test_the_articles_session(self):
        child = self.spawn()
        child.expect("Enter context name")
        child.send("aws\r")
        child.expect("Select AWS Profile")
        child.expect("▸ default")
        child.send(DOWN)
        child.expect("▸ docker-ecs-user")
        child.send("\r")
        child.expect("✔ Select AWS Profile: docker-ecs-user")
        child.expect(r"Enter region \(ap-northeast-1\)")
        child.send("\r")
        child.expect(r"Enter credentials\? \[y/N\]")
        child.send("\r")
        child.expect('context "aws" is ready')
        self.assertEqual(self.finish(child), 0)
        self.assertEqual(self.context("aws")["Endpoints"]["ecs"],
                         {"Profile": "docker-ecs-user", "Region": "ap-northeast-1"})
        self.assertIsNone(self.credentials())

    def test_a_secret_is_masked_and_written_for_the_user_alone(self):
        child = self.spawn("--name", "new", "--region", "eu-west-1")
        child.expect("Select AWS Profile")
        child.send("new pro\r")
        child.expect("Enter profile name")
        child.send("fresh\r")
        child.expect("Enter credentials")
        child.send("y\r")
        child.expect("Enter AWS Access Key ID")
        child.send("short\r")
        child.expect("16 to 128 letters")
        child.send(KEY + "\r")
        child.expect("Enter AWS Secret Access Key")
        child.send(SECRET + "\r")
        child.expect("is ready")
        self.assertNotIn(SECRET[:8], child.before)
        self.assertIn("*" * len(SECRET), child.before)
        self.assertEqual(self.finish(child), 0)
        self.assertEqual(self.credentials(),
                         f"[fresh]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
        self.assertEqual(stat.S_IMODE(os.stat(self.home / ".aws/credentials").st_mode), 0o600)

    def test_cancelling_leaves_nothing_behind(self):
        for keys in ("\x03", "aws\r\x03", "aws\r\r\x04"):
            child = self.spawn()
            child.expect("Enter context name")
            child.send(keys)
            self.assertEqual(self.finish(child), 130)
        self.assertFalse((self.home / ".docker/contexts").exists())
        self.assertIsNone(self.credentials())

    def test_an_existing_context_is_replaced_only_when_confirmed(self):
        first = self.alone("setup", "--no-check", "--name", "aws", "--profile", "docker-ecs-user")
        self.assertEqual(first.returncode, 0, first.stderr)
        for answer, status, region in (("n", 1, "ap-northeast-1"), ("\x03", 130, "ap-northeast-1"), ("y", 0, "us-west-2")):
            child = self.spawn("--name", "aws", "--profile", "default")
            child.expect(r"Context \"aws\" exists. Replace it\? \[y/N\]")
            child.send(answer + "\r")
            self.assertEqual(self.finish(child), status)
            self.assertEqual(self.context("aws")["Endpoints"]["ecs"]["Region"], region)

    def test_without_a_terminal_the_missing_flags_are_named(self):
        done = self.alone("setup")
        self.assertEqual(done.returncode, 16)
        self.assertIn("missing: --profile (or --from-env), --region", done.stderr)
        done = self.alone("setup", "--profile", "Work")
        self.assertEqual(done.returncode, 16)
        self.assertIn("missing: --region", done.stderr)

    def test_a_misspelled_profile_is_refused(self):
        done = self.alone("setup", "--profile", "docker-ecs-usr")
        self.assertEqual(done.returncode, 1)
        self.assertIn('did you mean "docker-ecs-user"?', done.stderr)

    def test_a_key_on_stdin_joins_what_the_file_holds(self):
        (self.home / ".aws/credentials").write_text("# mine\n[Work]\naws_access_key_id = OLD\n")
        flags = ["setup", "--no-check", "--name", "ci", "--region", "eu-west-1", "--access-key-id", KEY,
                 "--secret-access-key-stdin", "--profile"]
        done = self.alone(*flags, "Work", stdin=SECRET + "\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn('profile "Work" has credentials already', done.stderr)
        done = self.alone(*flags, "robot", stdin=SECRET + "\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn(SECRET, done.stdout + done.stderr)
        self.assertEqual(self.credentials(),
                         "# mine\n[Work]\naws_access_key_id = OLD\n\n"
                         f"[robot]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
