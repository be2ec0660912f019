"""The article, end to end: the sample application deployed from its Compose file, answering, observed, removed."""
import json
import pathlib
import re
import unittest

from support import ROOT, Scenario, docker, eventually, get

SAMPLE = str(ROOT / "examples" / "timestamper")


class WalkThrough(Scenario):
    def url(self):
        services = json.loads(self.engine.run("compose", "ps", "--format", "json", cwd=SAMPLE).stdout)
        return next(p["URL"] for s in services for p in s["Publishers"] if p["URL"])

    def test_up_answers_and_down_leaves_nothing(self):
        up = self.engine.run("compose", "up", "--progress", "plain", cwd=SAMPLE)
        url = self.url()
        self.assertIn(url, up.stdout + up.stderr)
        status, first = get(url + "/")
        self.assertEqual(status, 200)
        self.assertEqual(len(re.findall("<li>", first)), 1)
        self.assertEqual(len(re.findall("<li>", get(url + "/")[1])), 2, "the backend kept the first visit")

        ps = self.engine.run("compose", "ps", cwd=SAMPLE).stdout.splitlines()
        self.assertEqual(ps[0].split(), ["ID", "NAME", "REPLICAS", "PORTS"])
        self.assertRegex(ps[1], r"^\S*BackendService\S+\s+backend\s+1/1\s*$")
        self.assertRegex(ps[2], r"^\S*FrontendService\S+\s+frontend\s+1/1\s+\S+:5000->5000/tcp")

        logs = eventually(lambda: (text := self.engine.run("compose", "logs", cwd=SAMPLE).stdout) and
                          "Ready to accept connections" in text and text)
        self.assertRegex(logs, r"(?m)^backend +\| .*Ready to accept connections")
        self.assertRegex(logs, r"(?m)^frontend +\| .*Running on")

        self.engine.run("compose", "down", cwd=SAMPLE)
        self.assertEqual(self.engine.containers(), [])
        with self.assertRaises(OSError):
            get(url + "/")

    def test_template_is_executed_as_converted(self):
        self.engine.run("compose", "up", "--progress", "plain", cwd=SAMPLE)
        template = json.loads(self.engine.run("compose", "convert", "--format", "json", cwd=SAMPLE).stdout)
        stacks = self.engine.client("cloudformation")
        resources = stacks.describe_stack_resources(StackName="timestamper")["StackResources"]
        self.assertEqual({r["LogicalResourceId"] for r in resources}, set(template["Resources"]))
        self.assertEqual({r["ResourceStatus"] for r in resources}, {"CREATE_COMPLETE"})

    def test_down_of_nothing_says_so(self):
        down = self.engine.run("compose", "down", cwd=SAMPLE)
        self.assertEqual(down.returncode, 0)
        self.assertIn("timestamper", down.stderr)

    def test_a_killed_container_is_replaced(self):
        self.engine.run("compose", "up", "--progress", "plain", cwd=SAMPLE)
        before = self.engine.containers("label=com.docker.ecs.container=backend", everything=False)
        docker("kill", before[0])
        after = eventually(lambda: [c for c in self.engine.containers("label=com.docker.ecs.container=backend", everything=False)
                                    if c not in before])
        self.assertEqual(len(after), 1)
        eventually(lambda: get(self.url() + "/")[0] == 200)


if __name__ == "__main__":
    unittest.main()
