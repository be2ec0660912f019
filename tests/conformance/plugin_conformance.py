"""The real docker CLI with the binary as its plugin."""
import json

from home import HomeTest


class PluginTest(HomeTest):
    def set_up_context(self, *flags):
        done = self.docker("ecs", "setup", "--no-check", "--name", "aws", *flags)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_docker_lists_the_plugin_as_valid(self):
        help_text = self.docker("--help").stdout
        self.assertRegex(help_text, r"\n  ecs\* +Run Compose applications on Amazon ECS")
        self.assertNotIn("Invalid Plugins", help_text)

    def test_the_program_alone_says_the_same(self):
        for words in (["--help"], ["secret", "create", "--help"], ["version"], ["secret", "ls", "--frmat", "x"], ["sceret"]):
            with self.subTest(words):
                plugin, alone = self.docker("ecs", *words), self.alone(*words)
                self.assertEqual(plugin.returncode, alone.returncode)
                for stream in ("stdout", "stderr"):
                    ours = getattr(alone, stream).replace("docker-ecs: unknown", "docker: unknown").replace(
                        "docker-ecs", "docker ecs")
                    self.assertEqual(getattr(plugin, stream), ours)

    def test_help_asked_through_docker(self):
        self.assertEqual(self.docker("help", "ecs").stdout, self.docker("ecs", "--help").stdout)
        self.assertTrue(self.docker("ecs", "setup", "-h").stdout.startswith("Usage:  docker ecs setup [OPTIONS]\n"))

    def test_exit_codes_pass_through_docker(self):
        self.assertEqual(self.docker("ecs", "version").returncode, 0)
        self.assertEqual(self.docker("ecs", "nothing").returncode, 16)
        self.assertEqual(self.docker("ecs", "secret", "create", "x", "missing-file", "--password", "x").returncode, 16)

    def test_docker_completes_the_plugins_words(self):
        def completed(*words):
            return self.docker("__complete", "ecs", *words).stdout.splitlines()
        self.assertIn("secret\tManage secrets", completed("s"))
        self.assertIn("--description\tDescription of the context", completed("setup", "--d"))
        self.assertEqual(completed("version", "--format", ""), ["pretty", "json", ":4"])
        self.set_up_context("--from-env")
        self.assertEqual(completed("--context", "a"), ["aws", ":4"])

    def test_docker_accepts_the_context(self):
        self.set_up_context("--profile", "docker-ecs-user", "--description", "the cloud")
        context = self.context("aws")
        self.assertEqual(context["Metadata"], {"Description": "the cloud", "Type": "ecs"})
        self.assertEqual(context["Endpoints"]["ecs"], {"Profile": "docker-ecs-user", "Region": "ap-northeast-1"})
        listed = self.docker("context", "ls", "--format", "json")
        self.assertEqual(listed.returncode, 0)
        names = {row["Name"]: row for row in map(json.loads, listed.stdout.splitlines())}
        self.assertEqual(names["aws"]["Description"], "the cloud")
        self.assertEqual(names["aws"]["Error"], "")
        self.assertEqual(self.docker("context", "use", "aws").returncode, 0)
        self.assertEqual(self.docker("context", "show").stdout, "aws\n")

    def test_the_context_survives_dockers_own_commands(self):
        self.set_up_context("--from-env", "--region", "eu-west-1")
        archive = self.home / "aws.tar"
        for words in (["export", "aws", str(archive)], ["import", "again", str(archive)],
                      ["update", "again", "--description", "changed"], ["rm", "aws"]):
            done = self.docker("context", *words)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.context("again")["Endpoints"]["ecs"], {"CredentialsFromEnv": True, "Region": "eu-west-1"})

    def test_an_unknown_context_is_named_with_its_origin(self):
        for words, environment, origin in ((["--context", "nowhere"], {}, "--context"),
                                           ([], {"DOCKER_CONTEXT": "nowhere"}, "DOCKER_CONTEXT")):
            done = self.docker(*words, "ecs", "secret", "ls", **environment)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f'error: context "nowhere" does not exist (chosen by {origin})', done.stderr)

    def test_global_flags_before_the_plugins_name(self):
        config = self.home / "other"
        (config / "cli-plugins").mkdir(parents=True)
        (config / "cli-plugins/docker-ecs").symlink_to((self.home / ".docker/cli-plugins/docker-ecs").resolve())
        done = self.docker("--config", str(config), "-D", "ecs", "setup", "--no-check", "--name", "there", "--from-env")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("there", self.docker("--config", str(config), "context", "ls", "-q").stdout)
        self.assertNotIn("there", self.docker("context", "ls", "-q").stdout)


class CompletionScriptTest(HomeTest):
    def completed(self, *words):
        script = ('source <(docker-ecs completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
                  '_docker_ecs 2>/dev/null; printf "%s\\n" "${COMPREPLY[@]}"')
        path = f"{self.home}/.docker/cli-plugins:{self.environment['PATH']}"
        done = self.run_words("bash", "-c", script, "bash", "docker-ecs", *words, PATH=path)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.split()

    def test_bash_completes_the_program_alone(self):
        self.assertEqual(self.completed("se"), ["secret", "setup"])
        self.assertEqual(self.completed("version", "--format", "=", "j"), ["json"])
        self.assertEqual(self.completed("setup", "--profile", "W"), ["Work"])
        (self.home / "settings.json").write_text("{}")
        self.assertEqual(self.completed("secret", "create", "name", "sett"), ["settings.json"])

    def test_the_other_scripts_are_there(self):
        for shell in ("zsh", "fish"):
            self.assertIn("__complete", self.alone("completion", shell).stdout)
