"""Checks every #include "x/..." under src/y/ against the y: line of tools/layers.txt.

Also refuses third-party headers in our headers (tl/expected.hpp in util/result.hpp is the one exception).
"""
import pathlib
import re
import sys

THIRD_PARTY = re.compile(r'#include <(doctest|fmt|rapidjson|sqlite3|curl|yaml|openssl|pugixml|zlib|tl)[/.]')


def allowed_by_folder(root):
    allowed = {}
    for line in (root / "tools/layers.txt").read_text().splitlines():
        line = line.split("#")[0].strip()
        if line:
            name, _, deps = line.partition(":")
            allowed[name] = set(deps.split()) | {name}
    return allowed


def main():
    root = pathlib.Path(sys.argv[1])
    src = root / "src"
    allowed = allowed_by_folder(root)
    bad = False
    for path in sorted(src.rglob("*.[ch]pp")):
        parts = path.relative_to(src).parts
        if len(parts) < 2:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'#include "([^/"]+)/', line)
            if match and match.group(1) not in allowed.get(parts[0], set()):
                print(f"{path}:{number}:1: error: {parts[0]} may not include {match.group(1)}")
                bad = True
            if path.suffix == ".hpp" and THIRD_PARTY.match(line) and path != src / "util/result.hpp":
                print(f"{path}:{number}:1: error: third-party header in a header")
                bad = True
    return 1 if bad else 0


sys.exit(main())
