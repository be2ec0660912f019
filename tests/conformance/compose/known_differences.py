"""Where the loaders may differ: what docs/compose-differences.md lists, each as narrow as it can be told from the answers."""
import re

NAME_IS_NO_TEXT = re.compile(r"yaml: construct errors:\n  line \d+: cannot construct (!!map|!!seq|\S+ ``) into string")


def known_difference(kind, want, got, detail):
    """Why this difference is meant; None when it is not."""
    errors = got.get("errors", [])
    if kind == "text" and NAME_IS_NO_TEXT.fullmatch(want["error"]) and any("yaml: construct errors:" in error for error in errors):
        return "several faults in one YAML text"
    if kind == "status" and re.search(r"services\.\S+\.ports items at 0 and 1 are equal$", want.get("error", "")):
        return "a port as text and as number"
    return None
