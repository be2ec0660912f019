"""Changes to Compose files that are worth asking two loaders about."""
import re

import yaml

SCALARS = ["1", "0", "-1", "1.5", "true", "false", "null", "~", '""', '"1"', "text", "yes", "[]", "{}", "[a, b]", "[a, a]", "[1]",
           "{a: b}", "{a: 1, b: null}", "2024-01-01", "0x1F", "010", "1e3", ".inf", "${NOPE}", "${NOPE:-5}", "${A", "$$x", "10s",
           "1h30m", "512m", "1g", "80:80", "8000-8002:80", "/a/b", "./x", "x:/y", "service:web", "!reset null", "!override {}",
           "!override [a]", "a=b", "[a=b, c]", "-5", "*nope", "'x", "all", "default", "host", "[{target: 80}]", "'80'", "1.0", "1e400"]


def mutate_text(text, rng, other):
    """Deletes, repeats or indents a line, replaces a value, or splices the text with `other`."""
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
    """Deletes, retypes or repeats one value, or gives a service an attribute of another; None when the text is no mapping."""
    try:
        tree = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
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
    try:
        walk(tree)
    except RecursionError:
        return None
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


def attribute_pool(texts):
    """(attribute, value) of every service of the texts."""
    pool = []
    for text in texts:
        try:
            tree = yaml.safe_load(text)
        except Exception:
            continue
        if isinstance(tree, dict) and isinstance(tree.get("services"), dict):
            for service in tree["services"].values():
                if isinstance(service, dict):
                    pool.extend(service.items())
    return pool


def mutate(text, rng, other, pool):
    """One change: in the tree, in the lines, or the whole file swapped for another."""
    kind = rng.random()
    changed = mutate_tree(text, rng, pool) if kind < 0.55 and pool else None
    other = other.removeprefix("\ufeff")  # which is no such thing in the middle of a text
    if changed is None:
        changed = other if kind > 0.97 else mutate_text(text, rng, other)
    return changed
