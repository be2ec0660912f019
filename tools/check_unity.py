#!/usr/bin/env python3
"""Unity builds put several .cpp files of a folder into one: what their anonymous namespaces declare must be unique there.

check_unity.py ROOT: reports a type, constant or function of an anonymous namespace that another file of the folder declares
too, or that has the name of a type or (since it would hide it) of a function from one of the folder's headers.
"""
import collections
import pathlib
import re
import sys

NAMESPACE = re.compile(r"^namespace (?:([a-z0-9_:]+) )?\{(?!.*\})")
TYPE = re.compile(r"^(?:struct|class|enum(?: class)?|union) (?:\[\[\w+\]\] )?(\w+)(?: final)?\s*(?:[:{]|$)|^using (\w+) =")
CONSTANT = re.compile(r"^(?:inline )?(?:constexpr|const) [^()=]*?\b(k[A-Z]\w*)\b")
FUNCTION = re.compile(r"^[A-Za-z_][\w:<>,&*\s\[\]]*?[\s&*](\w+)\((.*)$")


def declarations(path):
    """(namespace, is anonymous, kind, name, parameters, line) of what stands at a namespace's own level."""
    stack = []
    lines = path.read_text().split("\n")
    for number, line in enumerate(lines, 1):
        opened = NAMESPACE.match(line)
        if opened:
            stack.append(opened[1])
            continue
        if line.startswith("}  // namespace") and stack:
            stack.pop()
            continue
        space = "::".join(s for s in stack if s)
        anonymous = None in stack
        if line.startswith("template"):
            continue
        for kind, pattern in (("type", TYPE), ("constant", CONSTANT)):
            found = pattern.match(line)
            if found:
                alias = line if line.startswith("using ") else ""  # the same alias twice is no contradiction
                yield space, anonymous, kind, next(g for g in found.groups() if g), alias, number
                break
        else:
            found = FUNCTION.match(line) if not line.startswith(("return", "using", "#", "//")) else None
            if found:
                text, at = found[2], number
                while text.count("(") + 1 > text.count(")") and at < len(lines):
                    text += " " + lines[at].strip()
                    at += 1
                types = ",".join(re.sub(r"\s*\b\w+$|/\*.*?\*/", "", p.split("=")[0].strip()) for p in text[:text.rfind(")")].split(","))
                yield space, anonymous, "function", found[1], types, number


def main():
    root = pathlib.Path(sys.argv[1])
    failed = False
    for folder in sorted((root / "src").iterdir()):
        seen = collections.defaultdict(list)
        functions = {(space, name): path for path in sorted(folder.rglob("*.hpp"))
                     for space, _, kind, name, _, _ in declarations(path) if kind == "function"}
        for path in sorted([*folder.rglob("*.cpp"), *folder.rglob("*.hpp")]):
            for space, anonymous, kind, name, parameters, line in declarations(path):
                if anonymous and kind == "function" and (space, name) in functions:
                    failed = True
                    print(f"{path.relative_to(root)}:{line}: error: {name} hides the function of "
                          f"{functions[space, name].relative_to(root)}")
                if anonymous or (path.suffix == ".hpp" and kind == "type"):
                    seen[space, name, parameters if kind == "function" else ""].append((anonymous, path, line, parameters))
        for (space, name, parameters), places in seen.items():
            files = {path for _, path, _, _ in places}
            hidden = [(path, line) for anonymous, path, line, _ in places if anonymous]
            same_alias = len({text for *_, text in places}) == 1 and places[0][3].startswith("using ")
            if len(files) > 1 and hidden and not same_alias:
                failed = True
                for path, line in hidden:
                    others = ", ".join(sorted(str(p.relative_to(root)) for p in files - {path}))
                    shown = f"{name}({parameters})" if parameters else name
                    print(f"{path.relative_to(root)}:{line}: error: {shown} is declared in {others} too")
    return failed


sys.exit(main())
