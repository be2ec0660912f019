"""Every diagnostic code in src/ ("area.some-words") has a heading in docs/diagnostics.md, and every heading a code."""
import pathlib
import re
import sys

CODE = re.compile(r'"((?:compose|convert)\.(?!ya?ml")[a-z0-9]+(?:-[a-z0-9]+)*)"')


def main():
    root = pathlib.Path(sys.argv[1])
    used = {}
    for path in sorted((root / "src").rglob("*.[ch]pp")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for code in CODE.findall(line):
                used.setdefault(code, f"{path.relative_to(root)}:{number}")
    documented = set(re.findall(r"^### `([a-z.0-9-]+)`", (root / "docs/diagnostics.md").read_text(), re.M))
    for code in sorted(set(used) - documented):
        print(f"{used[code]}: error: {code} is not in docs/diagnostics.md")
    for code in sorted(documented - set(used)):
        print(f"docs/diagnostics.md: error: nothing reports {code}")
    return 1 if set(used) ^ documented else 0


sys.exit(main())
