#!/usr/bin/env python3
"""Asks the reference and our loader the same questions: live_oracle.py OURS [--seed N] [--each N] [--keep FOLDER]

The projects of tests/golden/compose, and of ../shared/corpus where it is: each as it is, then mutations of them,
so many for each project. The suite gives a seed, so that a landing does not depend on luck; without one each run asks something new.
OURS is compose_serve of this build; the reference, tests/oracle/compose-go, is built with Go. Without Go there is nothing to ask: that
ends with status 77, or 1 where DOCKER_ECS_REQUIRE_ORACLE is set.

Compared are status, tree and warnings, and of errors the sentence: ours must be among what the reference says when it is asked several
times (of several faults it names one at random). What may differ is listed in known_differences.py, each with its reason."""
import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

from known_differences import known_difference
from loaders import Loader, compare, says
from mutations import attribute_pool, mutate

ROOT = pathlib.Path(__file__).resolve().parents[3]
ASKED_AGAIN = 12


def build_reference(folder):
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if go is None:
        print("NOT COMPARED: Go is not installed, so the reference loader (tests/oracle/compose-go) cannot be built", flush=True)
        sys.exit(1 if os.environ.get("DOCKER_ECS_REQUIRE_ORACLE") else 77)
    binary = folder / "compose-go"
    subprocess.run([go, "build", "-o", str(binary), "."], cwd=ROOT / "tests/oracle/compose-go", check=True)
    return binary


class Project:
    def __init__(self, name, directory, files, env, profiles, args):
        self.name, self.directory, self.files, self.env, self.profiles, self.args = name, directory, files, env, profiles, args

    def request(self, more_args=()):
        env = {"HOME": "/home/u", "PATH": "/bin", "PWD": str(self.directory), **self.env}
        return {"dir": str(self.directory), "files": self.files, "env": env, "profiles": self.profiles,
                "args": self.args + [arg for arg in more_args if arg not in self.args]}

    def texts(self):
        """The files that a mutation may change."""
        given = [self.directory / name for name in self.files if name != "-"]
        found = given or sorted(p for p in self.directory.glob("**/*.y*ml") if p.is_file())
        return [path for path in map(lambda p: pathlib.Path(os.path.normpath(p)), found) if path.is_file()]


def fixtures(folder):
    lines = (ROOT / "tests/golden/compose/cases.jsonl").read_text().splitlines()
    for number, line in enumerate(lines, 1):
        case = json.loads(line)
        directory = folder / str(number) / "proj"
        directory.mkdir(parents=True)
        for name, text in case["files"].items():
            path = pathlib.Path(os.path.normpath(directory / name))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("@DIR@", str(directory)), newline="")
        yield Project(f"cases.jsonl:{number}", directory, case.get("files_given", []), {"A": "1", "E": ""}, case.get("profiles", []), [])


def corpus(folder):
    source = ROOT.parent / "shared/corpus"
    if not source.is_dir():
        return
    shutil.copytree(source, folder, symlinks=True)
    for path in sorted(folder.glob("cases-*.jsonl")):
        for line in path.read_text().splitlines():
            case = json.loads(line)
            if case.get("mode") == "model":
                continue
            env = case.get("env") or {}
            yield Project(case["id"], pathlib.Path(os.path.normpath(folder / case["dir"])), case["files"],
                          env if isinstance(env, dict) else dict(entry.split("=", 1) for entry in env),
                          case.get("profiles") or [], [arg for arg in case.get("args") or [] if arg == "-no-consistency"])


class Comparison:
    def __init__(self, reference, ours, keep):
        self.reference, self.ours, self.keep = reference, ours, keep
        self.tally = collections.Counter()
        self.failures = 0

    def ask(self, name, request, changed=None):
        self.reference.send(request)
        got = self.ours.ask(request)
        want = self.reference.receive()
        kind, detail = compare(want, got)
        if kind is None and detail == "other text":
            kind, detail = self.ask_again(request, want, got)
        known = kind and known_difference(kind, want, got, detail)
        self.tally[f"known: {known}" if known else kind or detail] += 1
        if kind and not known:
            self.failures += 1
            print(f"[{kind}] {name}: {detail}", flush=True)
            if self.keep and changed is not None:
                pathlib.Path(self.keep, f"{self.failures}-{kind}.yaml").write_bytes(changed)

    def ask_again(self, request, want, got):
        """With several faults the reference names any: ours must be among them. Faults that it never varies are told apart here."""
        said = {want["error"]}
        for _ in range(ASKED_AGAIN):
            said.add(self.reference.ask(request).get("error", ""))
        if any(says(got["errors"], sentence) for sentence in said):
            return None, "one of several texts"
        return "text", f"reference {sorted(said)[0][:400]!r} | ours {got['errors']}"


def read(path):
    return path.read_bytes().decode("utf-8", errors="surrogateescape")


def run(projects, comparison, rng, mutations):
    for project in projects:
        comparison.ask(project.name, project.request())
    asked = sum(comparison.tally.values())
    print(f"{asked} projects as they are", flush=True)
    mutable = [project for project in projects if project.texts()]
    texts = {path: read(path) for project in mutable for path in project.texts()}
    pool, all_texts = attribute_pool(texts.values()), sorted(texts)
    for number in range(1, mutations + 1):
        if comparison.tally["died"]:
            break
        project = rng.choice(mutable)
        path = rng.choice(project.texts())
        changed = mutate(texts[path], rng, texts[rng.choice(all_texts)], pool).encode("utf-8", errors="surrogateescape")
        path.write_bytes(changed)
        args = ["-no-consistency"] if rng.random() < 0.5 else []
        comparison.ask(f"{project.name}, mutation {number} of {path.name}", project.request(args), changed)
        path.write_bytes(texts[path].encode("utf-8", errors="surrogateescape"))
    print(f"{mutations} mutations", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ours")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    parser.add_argument("--each", type=int, default=4, help="mutations for each project")
    parser.add_argument("--keep", help="a folder for the mutated files that differ")
    parser.add_argument("--fixtures-only", action="store_true", help="leave ../shared/corpus out")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="compose-oracle-") as name:
        folder = pathlib.Path(os.path.realpath(name))
        reference = build_reference(folder)
        comparison = Comparison(Loader([str(reference), "serve"]), Loader([options.ours]), options.keep)
        projects = list(fixtures(folder / "fixtures"))
        projects += [] if options.fixtures_only else list(corpus(folder / "corpus"))
        run(projects, comparison, random.Random(options.seed), options.each * len(projects))
    print(dict(comparison.tally))
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
