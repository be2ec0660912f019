#!/usr/bin/env python3
"""Holds what `config` prints against the reference, byte for byte: config_text.py "REFERENCE serve" OURS SEED CASES...

REFERENCE is tests/oracle built with Go, OURS is compose_serve of this build. CASES are folders with cases-*.jsonl (a corpus), or
files of recorded projects as tests/golden/compose/cases.jsonl; SEED is that of projects full of awkward texts. Compared are YAML, JSON and service hashes of every project that both
loaders accept; and the YAML must load again to the same model. JSON is compared where the reference prints all of the model in it.
"""
import glob
import json
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile

BASE = {"HOME": "/home/u", "PATH": "/bin"}


class Loader:
    def __init__(self, command):
        # The reference asks its own process for the home directory, not the request.
        self.process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env={**os.environ, "HOME": BASE["HOME"]})

    def ask(self, request):
        self.process.stdin.write((json.dumps(request) + "\n").encode())
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"status": "died"}


def corpus_requests(folder):
    root = os.path.realpath(folder)
    for listing in sorted(glob.glob(os.path.join(root, "cases-*.jsonl"))):
        for line in open(listing, encoding="utf-8"):
            case = json.loads(line)
            if case["status"] != "ok" or "-no-interpolate" in (case.get("args") or []):
                continue
            directory = os.path.normpath(os.path.join(root, case.get("dir", ".")))
            environment = {**BASE, "PWD": directory}
            given = case.get("env") or {}
            environment.update(given if isinstance(given, dict) else dict(e.split("=", 1) for e in given))
            yield case.get("id", line[:80]), {"dir": directory, "files": case.get("files") or [], "env": environment,
                                              "profiles": case.get("profiles") or [], "args": case.get("args") or []}


def recorded_requests(path, scratch):
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        case = json.loads(line)
        if case["status"] != "ok" or any(name.startswith("..") for name in case["files"]):
            continue  # a file above the directory: the reference program does not search there for the name
        directory = os.path.join(scratch, str(number), "proj")
        os.makedirs(directory)
        for name, text in case["files"].items():
            target = os.path.join(directory, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "w", encoding="utf-8", newline="") as out:
                out.write(text)
        yield f"{os.path.basename(path)}:{number}", {
            "dir": directory, "files": [f.replace("@DIR@", directory) for f in case.get("files_given") or []],
            "env": {**BASE, "PWD": directory, "A": "1", "E": ""}, "profiles": case.get("profiles") or [], "args": []}


PIECES = list("aZ09_-.:,#&*!|>'\"%@`?{}[]=~<>$/ \t\n\r\\") + [
    "  ", "\n\n", "\n ", " \n", ": ", " #", "- ", "yes", "null", "true", "0x1f", "1e3", "1_000", "12:30:45", "2024-01-02", "---", "...",
    "<<", ".inf", "é", "日本", "😀", "\u0085", "\u00a0", "\u2028", "\ufeff", "\u0007", "\u007f", "key10", "key9", "long text " * 12]


def generated_requests(seed, scratch):
    rng = random.Random(seed)
    for number in range(150):
        directory = os.path.join(scratch, f"generated{number}")
        os.makedirs(directory)

        def text():
            return "".join(rng.choice(PIECES) for _ in range(rng.choice([1, 1, 2, 3, 5, 9]))).replace("$", "$$")

        def tree(depth):
            kind = rng.randrange(9 if depth else 6)
            if kind > 6:
                return {re.sub("[$\x7f-\xa0\u2028\ufeff😀]", "", text()) + str(i): tree(depth - 1) for i in range(rng.randrange(4))}
            if kind == 6:
                return [tree(depth - 1) for _ in range(rng.randrange(4))]
            scalars = [rng.randrange(-10**6, 10**19), rng.choice([0.1, 1e6, 1e21, 1e-7, 123456.5, 1234567.0, -0.5]), True, None]
            return (scalars + [text(), text()])[kind]

        service = {"image": "x", "command": [text() for _ in range(3)], "x-tree": tree(3),
                   "environment": {f"{rng.choice(['a', 'Z', '_', 'b-'])}{rng.randrange(120)}": text() for _ in range(6)},
                   "labels": {f"{rng.choice(['l', 'l.', 'l-0', 'L'])}{rng.randrange(120)}": text() for _ in range(6)}}
        with open(os.path.join(directory, "compose.yaml"), "w", encoding="utf-8") as out:
            project = json.dumps({"services": {"a": service}, "x-top": tree(4)}, ensure_ascii=False)
            out.write(re.sub("[\x7f-\xa0\u2028\ufeff]", lambda found: f"\\u{ord(found.group()):04x}", project))
        yield f"seed {seed} project {number}", {"dir": directory, "files": [], "env": {**BASE, "PWD": directory}, "profiles": [],
                                                 "args": []}


def any_key(node, wanted):
    if isinstance(node, dict):
        return any(wanted(key) or any_key(value, wanted) for key, value in node.items())
    return isinstance(node, list) and any(any_key(item, wanted) for item in node)


def json_is_whole(tree):
    """Whether the reference's JSON shows everything: it knows no extensions below the top, and no models."""
    below = [value for key, value in tree.items() if not key.startswith("x-")]
    return "models" not in tree and not any_key(below, lambda key: key.startswith("x-"))


def any_text(node, wanted):
    if isinstance(node, dict):
        return any(any_text(value, wanted) or any_text(key, wanted) for key, value in node.items())
    if isinstance(node, list):
        return any(any_text(item, wanted) for item in node)
    return isinstance(node, str) and wanted(node)


def is_written_safely(text):
    """What our YAML puts in double quotes: the reference's form reads back as something else, or escapes every letter."""
    first = text.lstrip("\n")[:1]
    return ("\u2028" in text or text.startswith("\ufeff") or ("\n" in text and first == "\t")
            or (text.startswith("\n") and first == " "))


def comes_back_wrong(tree):
    """Models of which the reference's own YAML does not load again to the same model."""
    services = tree["services"]
    for service in services.values():
        build, ports = service.get("build") or {}, [json.dumps(port) for port in service.get("ports", [])]
        if (any(name not in services for name in service.get("depends_on", {})) or any(": " in key for key in build.get("ssh", []))
                or ("build" in service and not build.get("context")) or len(ports) != len(set(ports))):
            return True
    return any_key(tree, lambda key: not key)


def first_difference(want, got):
    want, got = want.split("\n"), got.split("\n")
    for line in range(max(len(want), len(got))):
        pair = [text[line] if line < len(text) else "(end)" for text in (want, got)]
        if pair[0] != pair[1]:
            return f"line {line + 1}: want {pair[0]!r} got {pair[1]!r}"
    return ""


def compare(want, got):
    tree = json.loads(got["json"])
    if not any_key(tree, lambda key: "$" in key) and not any_text(tree, is_written_safely):  # the reference doubles it there too, and reads both
        unordered = any(len((service.get("build") or {}).get("ssh", [])) > 1 for service in tree["services"].values())
        if got["yaml"] != want["yaml"] and not (unordered and sorted(got["yaml"]) == sorted(want["yaml"])):
            yield "yaml", first_difference(want["yaml"], got["yaml"])
        if want.get("json") and json_is_whole(tree) and got["json"] != want["json"]:
            yield "json", first_difference(want["json"], got["json"])
    for name, digest in (want.get("hashes") or {}).items():
        if got["hashes"].get(name) != digest:
            yield "hash", name
    if got["again"] and not comes_back_wrong(tree):
        yield "again", got["again"][:300]


def main():
    reference, ours = Loader(sys.argv[1]), Loader(sys.argv[2])
    counts = {"projects": 0, "yaml": 0, "json": 0, "hash": 0, "again": 0}
    with tempfile.TemporaryDirectory() as scratch:
        projects = [generated_requests(sys.argv[3], scratch)]
        for source in sys.argv[4:]:
            projects.append(corpus_requests(source) if os.path.isdir(source) else recorded_requests(source, scratch))
        for requests in projects:
            for name, request in requests:
                request["text"] = True
                want, got = reference.ask(request), ours.ask(request)
                if want["status"] != "ok" or got["status"] != "ok":
                    continue
                counts["projects"] += 1
                for kind, detail in compare(want, got):
                    counts[kind] += 1
                    print(f"{kind} {name} {detail}")
    print(", ".join(f"{value} {key}" for key, value in counts.items()))
    return 1 if counts["projects"] == 0 or any(counts[key] for key in counts if key != "projects") else 0


if __name__ == "__main__":
    sys.exit(main())
