"""Every difference between what the two earlier tools made of 23 Compose files and what this one makes, with its reason.

The recorded files are not part of this project (OLD_TOOLS: their folder; without it the test is skipped). A difference is
a line "lost|new|changed <resource type> <property path>"; tests/oracle/old_tools_reasons.txt has the reason of each, and
docs/old-tools.md is that table for people. `python old_tools.py --list` prints the differences without a reason.
"""
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENT = HERE.parents[1] / "docs/old-tools.md"
REASONS = HERE / "old_tools_reasons.txt"
TOOLS = {"plugin.json": "2020 plugin", "compose-cli.json": "Compose CLI"}


def convert(directory):
    """(template, None) or (None, the errors)."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "DOCKER_CONFIG": "/nonexistent"}
    name = "my-app" if directory.name == "hyphen" else "app"
    with tempfile.TemporaryDirectory() as work:
        for file in [directory / "compose.yaml", *(f for f in directory.parent.iterdir() if f.is_file())]:
            shutil.copy(file, work)  # the files that they name lie beside their folders
        done = subprocess.run([os.environ["DOCKER_ECS_BINARY"], "compose", "-f", "compose.yaml", "-p", name, "convert",
                               "--format", "json"], capture_output=True, text=True, cwd=work, env=environment, timeout=60)
    return (json.loads(done.stdout), None) if done.returncode == 0 else (None, done.stderr)


def key(text):
    return re.sub(r"[^a-z0-9]", "", text.lower())


def matched(old, new):
    """Our resource for each of theirs that has one: by type and by what their names have in common."""
    pairs, free = {}, dict(new)
    for rule in (lambda a, b: a == b, lambda a, b: key(a) == key(b), lambda a, b: key(a).endswith(key(b)),
                 lambda a, b: key(a)[:4] == key(b)[:4], lambda a, b: True):
        for a, resource in old.items():
            if a in pairs:
                continue
            for b, ours in free.items():
                if ours["Type"] == resource["Type"] and rule(a, b):
                    pairs[a] = b
                    del free[b]
                    break
    return pairs, free


def flat(value, path=""):
    """{property path: value}; functions are values, things with names are told apart by their place only."""
    if isinstance(value, dict) and not (len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))):
        out = {}
        for k, v in value.items():
            out.update(flat(v, f"{path}.{k}" if path else k))
        return out or {path: {}}
    if isinstance(value, list):
        out = collections.defaultdict(list)
        for item in value:
            for k, v in flat(item, path + "[]").items():
                out[k].append(v)
        return {k: sorted(map(str, v)) for k, v in out.items()}
    return {path: value}


def same(a, b):
    return str(a).lower() == str(b).lower()


def differences(old, new):
    pairs, added = matched(old["Resources"], new["Resources"])
    for a, resource in old["Resources"].items():
        kind = resource["Type"]
        if a not in pairs:
            yield f"lost {kind}"
            continue
        ours = new["Resources"][pairs[a]]
        left, right = flat(resource.get("Properties", {})), flat(ours.get("Properties", {}))
        for word in ("DeletionPolicy", "Condition", "UpdateReplacePolicy", "DependsOn"):
            if resource.get(word):
                left[word] = resource[word]
            if ours.get(word):
                right[word] = ours[word]
        for path in left.keys() | right.keys():
            if path not in right:
                yield f"lost {kind} {path}"
            elif path not in left:
                yield f"new {kind} {path}"
            elif not same(left[path], right[path]):
                yield f"changed {kind} {path}"
    for b, ours in added.items():
        yield f"new {ours['Type']}"


def all_differences(folder):
    """{difference: {tool}}; a refused file is the difference "refused <name>"."""
    out = collections.defaultdict(set)
    for directory in sorted(p for p in folder.iterdir() if (p / "compose.yaml").exists()):
        template, errors = convert(directory)
        for file, tool in TOOLS.items():
            recorded = directory / file
            if not recorded.exists() or not recorded.read_text().startswith("{"):
                continue
            if template is None:
                out[f"refused {directory.name}"].add(tool)
                continue
            for difference in differences(json.loads(recorded.read_text()), template):
                out[difference].add(tool)
    return out


def read_reasons():
    """[(pattern, reason)]: blocks of difference patterns (* = anything) with their reason, indented, below."""
    out, patterns = [], []
    for line in REASONS.read_text().splitlines():
        if line.startswith("    "):
            out += [(p, line.strip()) for p in patterns]
            patterns = []
        elif line and not line.startswith("#"):
            patterns.append(line)
    return out


def fits(pattern, difference):
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), difference) is not None


def document(found, reasons):
    groups = collections.OrderedDict()
    for difference in sorted(found):
        reason = next(r for p, r in reasons if fits(p, difference))
        groups.setdefault(reason, []).append(difference)
    lines = ["# What is different from the earlier tools", "",
             "Generated by tests/oracle/old_tools.py: every difference in resources and properties between the templates of the two",
             "retired tools and ours, for 23 recorded Compose files, with its reason. `lost` is what only they had, `new` what only",
             "we have, `changed` a property with another value.", ""]
    order = [r for _, r in reasons]
    for reason in sorted(groups, key=order.index):
        lines += [f"## {reason}", ""]
        for difference in groups[reason]:
            tools = " and ".join(sorted(found[difference]))
            word, _, what = difference.partition(" ")
            kind, _, path = what.partition(" ")
            lines.append(f"* {word} `{kind}`" + (f" `{path}`" if path else "") + f" ({tools})")
        lines.append("")
    return "\n".join(lines)


class OldTools(unittest.TestCase):
    maxDiff = None

    @unittest.skipUnless(os.environ.get("OLD_TOOLS") and pathlib.Path(os.environ["OLD_TOOLS"]).is_dir(), "no recordings here")
    def test_every_difference_has_its_reason(self):
        found, reasons = all_differences(pathlib.Path(os.environ["OLD_TOOLS"])), read_reasons()
        without = sorted(d for d in found if not any(fits(p, d) for p, _ in reasons))
        self.assertEqual(without, [])
        text = document(found, reasons)
        if os.environ.get("ACCEPT_GOLDENS") == "1" and text != DOCUMENT.read_text():
            DOCUMENT.write_text(text)
            self.fail("docs/old-tools.md was rewritten")
        self.assertEqual(DOCUMENT.read_text(), text)


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        known = read_reasons() if REASONS.exists() else []
        found = all_differences(pathlib.Path(os.environ["OLD_TOOLS"]))
        print("\n".join(f"{d}   {sorted(found[d])}" for d in sorted(found) if not any(fits(p, d) for p, _ in known)))
    else:
        unittest.main()
