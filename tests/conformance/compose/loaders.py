"""The two loaders as programs that answer one JSON request a line, and how their answers compare."""
import json
import os
import re
import subprocess


class Loader:
    def __init__(self, command):
        # The reference takes the home directory from its own environment.
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "HOME": "/home/u"})

    def send(self, request):
        self.process.stdin.write((json.dumps(request) + "\n").encode())
        self.process.stdin.flush()

    def receive(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"status": "died"}

    def ask(self, request):
        self.send(request)
        return self.receive()


def same(a, b):
    if isinstance(a, bool) or isinstance(b, bool) or a is None or b is None:
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(sorted(a[k]) == sorted(b[k]) if k == "ssh" and isinstance(a[k], list) else same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def first_difference(a, b, path=""):
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(set(a) | set(b), key=str):
            if key not in a or key not in b or not same(a[key], b[key]):
                if key in a and key in b:
                    return first_difference(a[key], b[key], path + "." + key)
                return f"{path}.{key}: reference {a.get(key, '(none)')!r}, ours {b.get(key, '(none)')!r}"[:600]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            if not same(x, y):
                return first_difference(x, y, f"{path}[{i}]")
    return f"{path}: reference {a!r}, ours {b!r}"[:600]


def compare(want, got):
    if got["status"] in ("died", "unreadable"):
        return "died", ""
    if want["status"] == "panic":
        return (None, "panic") if got["status"] == "error" else ("panic", f"reference panics ({want['error']}), ours accepts")
    if want["status"] != got["status"]:
        return "status", f"reference {want['status']} {want.get('error', '')[:400]} | ours {got['status']} {got.get('errors')}"
    if want["status"] == "ok":
        if not same(want.get("tree"), got.get("tree")):
            return "tree", first_difference(want.get("tree"), got.get("tree"))
        # The reference warns of `version` once a process and file.
        for answer in (want, got):
            answer["warnings"] = sorted(w for w in answer.get("warnings") or [] if "attribute `version` is obsolete" not in w)
        if want["warnings"] != got["warnings"]:
            return "warnings", f"reference {want.get('warnings')} | ours {got.get('warnings')}"[:600]
        return None, "ok"
    return None, "same text" if says(got["errors"], want["error"]) else "other text"


DECODING = "decoding failed due to the following error(s):\n\n"


def says(ours, sentence):
    """We tell each fault of the decoding by itself, with its place."""
    if sentence in ours:
        return True
    if sentence.startswith(DECODING):
        return all(DECODING + line in ours for line in sentence.removeprefix(DECODING).split("\n"))
    if sentence.endswith(" not allowed"):  # it lists unknown keys in random order, we in that of the alphabet
        return sorted_keys(sentence) in map(sorted_keys, ours)
    if "already defined at line" in sentence:  # a key three times: it tells every pair, we each repetition
        return any(set(mine.split("\n")) <= set(sentence.split("\n")) for mine in ours)
    return False


def sorted_keys(sentence):
    return sorted(re.findall(r"'[^']*'", sentence)), re.sub(r"'[^']*'", "", sentence)
