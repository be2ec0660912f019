#!/usr/bin/env python3
"""Asks both loaders about mutations of Compose files: mutate.py "REFERENCE serve" OURS CORPUS [COUNT [SEED]]

REFERENCE is tests/oracle built with Go, OURS is compose_serve of this build, CORPUS a folder with cases-*.jsonl.

Each mutation deletes, duplicates or retypes something in a file of a case, or splices two files. Compared are status, tree and
warnings; of errors, whether one of ours is the reference's sentence (counted, not failed: with several faults it names one at random).
"""
import glob, json, os, random, re, shlex, shutil, subprocess, sys, tempfile

try:
    import yaml
except ImportError:
    yaml = None


class Loader:
    def __init__(self, command):
        self.process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, request):
        self.process.stdin.write((json.dumps(request) + "\n").encode())
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"status": "died"}


SCALARS = ["1", "0", "-1", "1.5", "true", "false", "null", "~", '""', '"1"', "text", "yes", "[]", "{}", "[a, b]", "[a, a]", "[1]",
           "{a: b}", "{a: 1, b: null}", "2024-01-01", "0x1F", "010", "1e3", ".inf", "${NOPE}", "${NOPE:-5}", "${A", "$$x", "10s",
           "1h30m", "512m", "1g", "80:80", "8000-8002:80", "/a/b", "./x", "x:/y", "service:web", "!reset null", "!override {}",
           "!override [a]", "a=b", "[a=b, c]", "-5", "*nope", "'x", "all", "default", "host", "[{target: 80}]", "'80'", "1.0", "1e400"]


def mutate_text(text, rng, other):
    lines = text.split("\n")
    if len(lines) < 2:
        return text
    kind = rng.randrange(8)
    i = rng.randrange(len(lines))
    if kind == 0:
        del lines[i]
    elif kind == 1:
        lines.insert(i, lines[i])
    elif kind == 2:
        lines[i] = "  " + lines[i]
    elif kind in (3, 4, 5):
        keyed = [n for n, l in enumerate(lines) if re.match(r"^\s*(- )?[\w.-]+:(\s|$)", l)]
        if keyed:
            i = rng.choice(keyed)
            lines[i] = re.sub(r"^(\s*(?:- )?[\w.-]+:).*$", lambda m: m.group(1) + " " + rng.choice(SCALARS), lines[i])
            if kind == 5:
                indent = len(lines[i]) - len(lines[i].lstrip())
                j = i + 1
                while j < len(lines) and (not lines[j].strip() or len(lines[j]) - len(lines[j].lstrip()) > indent):
                    j += 1
                del lines[i + 1:j]
    elif kind == 6:
        keyed = [n for n, l in enumerate(lines) if re.match(r"^\s*- \S", l)]
        if keyed:
            i = rng.choice(keyed)
            lines[i] = re.sub(r"^(\s*- ).*$", lambda m: m.group(1) + rng.choice(SCALARS), lines[i])
    else:
        cut = rng.randrange(len(lines))
        more = other.split("\n")
        lines = lines[:cut] + more[rng.randrange(len(more)):]
    return "\n".join(lines)


def mutate_tree(text, rng, pool):
    try:
        tree = yaml.safe_load(text)
    except Exception:
        return None
    spots = []

    def walk(node):
        if isinstance(node, dict):
            for key in node:
                spots.append((node, key))
                walk(node[key])
        elif isinstance(node, list):
            for index, value in enumerate(node):
                spots.append((node, index))
                walk(value)
    walk(tree)
    if not spots:
        return None
    node, key = rng.choice(spots)
    kind = rng.randrange(4)
    if kind == 0:
        del node[key]
    elif kind == 1:
        try:
            node[key] = yaml.safe_load(rng.choice(SCALARS))
        except Exception:
            node[key] = None
    elif kind == 2 and isinstance(node, list):
        node.append(node[key])
    else:
        attribute, value = rng.choice(pool)
        services = tree.get("services") if isinstance(tree, dict) else None
        if isinstance(services, dict) and services:
            service = services[rng.choice(sorted(services, key=str))]
            if isinstance(service, dict):
                service[attribute] = value
    try:
        return yaml.safe_dump(tree, sort_keys=False)
    except Exception:
        return None


def attribute_pool(corpus):
    pool = []
    if yaml is None:
        return pool
    for path in glob.glob(corpus + "/**/*.y*ml", recursive=True):
        try:
            tree = yaml.safe_load(open(path, encoding="utf-8"))
        except Exception:
            continue
        if isinstance(tree, dict) and isinstance(tree.get("services"), dict):
            for service in tree["services"].values():
                if isinstance(service, dict):
                    pool.extend(service.items())
    return pool


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
    return None, "same text" if want["error"] in got["errors"] else "other text"


def main():
    reference, ours, corpus = sys.argv[1:4]
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 500
    seed = int(sys.argv[5]) if len(sys.argv) > 5 else random.randrange(1 << 30)
    print("seed", seed)
    rng = random.Random(seed)
    work = tempfile.mkdtemp(prefix="compose-mutate-")
    copy = os.path.join(work, "corpus")
    shutil.copytree(corpus, copy)
    cases = [json.loads(line) for path in sorted(glob.glob(copy + "/cases-*.jsonl")) for line in open(path)]
    cases = [c for c in cases if c.get("mode") != "model" and c["files"]]
    pool = attribute_pool(copy)
    loaders = Loader(reference), Loader(ours)
    tally, shown = {}, {}
    for number in range(count):
        case = rng.choice(cases)
        directory = os.path.normpath(os.path.join(copy, case["dir"]))
        path = os.path.normpath(os.path.join(directory, rng.choice(case["files"])))
        if not os.path.isfile(path):
            continue
        text = open(path, encoding="utf-8", errors="surrogateescape", newline="").read()
        other = rng.choice(cases)
        other_path = os.path.join(copy, other["dir"], other["files"][0])
        other_text = open(other_path, encoding="utf-8", errors="surrogateescape").read() if os.path.isfile(other_path) else ""
        changed = None
        if yaml is not None and pool and rng.random() < 0.6:
            changed = mutate_tree(text, rng, pool)
        if changed is None:
            changed = mutate_text(text, rng, other_text)
        with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as out:
            out.write(changed)
        env = {"HOME": "/home/u", "PATH": "/bin", "PWD": directory}
        extra = case.get("env") or {}
        env.update(extra if isinstance(extra, dict) else dict(e.split("=", 1) for e in extra))
        args = list(case.get("args") or [])
        if rng.random() < 0.5 and "-no-consistency" not in args:
            args.append("-no-consistency")
        request = {"dir": directory, "files": case["files"], "env": env, "profiles": case.get("profiles") or [], "args": args}
        want, got = (loader.ask(request) for loader in loaders)
        kind, text_out = compare(want, got)
        key = kind or text_out
        tally[key] = tally.get(key, 0) + 1
        if (kind or text_out == "other text") and shown.get(key, 0) < (40 if kind else 25):
            shown[key] = shown.get(key, 0) + 1
            detail = text_out if kind else f"reference {want['error'][:300]} | ours {got['errors']}"
            print(f"[{key}] {case['id']} #{number}: {detail}")
            if os.environ.get("KEEP"):
                shutil.copy(path, f"{os.environ['KEEP']}/{key.replace(' ', '-')}-{number}.yaml")
        with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as out:
            out.write(text)
        if kind == "died":
            break
    print(tally)
    shutil.rmtree(work)
    bad = sum(n for key, n in tally.items() if key in ("died", "status", "tree", "warnings", "panic"))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
