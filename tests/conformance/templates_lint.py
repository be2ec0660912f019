"""cfn-lint (tests/requirements.txt) over the templates that the converter makes: the goldens, and every file of the corpus
of recorded projects that converts, when it is there (LINT_CORPUS: the corpus folder; LINT_PART: goldens, corpus).

Errors only. What newer schemas than cfn-lint's allow is listed in NEWER, one property a line, and nothing wider.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
REGION = "us-east-1"
# (resource type, property path that the finding names): properties that AWS has and the pinned cfn-lint does not know.
NEWER = set()


def lint(path_and_text):
    """[(rule, message, path)] of one template. Runs in a process of its own: cfn-lint keeps its rules in memory there."""
    from cfnlint.api import lint as run
    from cfnlint.config import ManualArgs
    path, text = path_and_text
    matches = run(text, config=ManualArgs(regions=[REGION]))
    found = []
    for match in matches:
        where = [str(p) for p in (getattr(match, "path", None) or [])]
        if match.rule.severity == "error":
            found.append((match.rule.id, match.message, "/".join(where)))
    return path, found


def is_newer(finding, template):
    rule, message, where = finding
    parts = where.split("/")
    if len(parts) < 2 or parts[0] != "Resources":
        return False
    kind = template["Resources"][parts[1]]["Type"]
    return rule == "E3002" and (kind, "/".join(p for p in parts[3:] if not p.isdigit())) in NEWER


def convert(binary, file):
    """The template of a Compose file as JSON text; None when it is refused (which is not what this test is about)."""
    done = subprocess.run([binary, "compose", "-f", str(file), "-p", "corpus", "convert", "--format", "json"],
                          capture_output=True, text=True, timeout=60, cwd=file.parent,
                          env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "DOCKER_CONFIG": "/nonexistent"})
    return done.stdout if done.returncode == 0 else None


class TemplateLint(unittest.TestCase):
    maxDiff = None

    def check(self, texts):
        """Lints each different template once."""
        unique = {}
        for path, text in texts:
            unique.setdefault(hashlib.sha256(text.encode()).digest(), (path, text))
        wrong = []
        with concurrent.futures.ProcessPoolExecutor(max_workers=2) as pool:
            for path, found in pool.map(lint, unique.values(), chunksize=8):
                text = next(t for p, t in unique.values() if p == path)
                for finding in found:
                    template = json.loads(text) if text.startswith("{") else None
                    if not (template and is_newer(finding, template)):
                        wrong.append(f"{path}: {' '.join(finding)}")
        print(len(unique), "templates")
        self.assertEqual(wrong, [], "\n".join(wrong))

    @unittest.skipUnless(os.environ.get("LINT_PART", "goldens") == "goldens", "the corpus has a run of its own")
    def test_goldens(self):
        files = sorted((ROOT / "tests/golden/convert").glob("*/template.yaml"))
        texts = [(str(f.relative_to(ROOT)), f.read_text()) for f in files]
        texts = [(p, t) for p, t in texts if t.strip()]
        self.assertGreater(len(texts), 10)
        self.check(texts)

    @unittest.skipUnless(os.environ.get("LINT_PART") == "corpus", "run by conformance.lint-corpus")
    def test_corpus(self):
        corpus = pathlib.Path(os.environ["LINT_CORPUS"])
        if not corpus.is_dir():
            self.skipTest("no corpus here")
        files = [f for f in sorted(corpus.rglob("*.y*ml")) if "compose" in f.name.lower() and f.is_file()]
        binary = os.environ["DOCKER_ECS_BINARY"]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            made = list(pool.map(lambda f: convert(binary, f), files))
        texts = [(str(f.relative_to(corpus)), t) for f, t in zip(files, made) if t]
        print(len(files), "files,", len(texts), "convert")
        self.assertGreater(len(texts), 50)
        self.check(texts)


if __name__ == "__main__":
    unittest.main()
