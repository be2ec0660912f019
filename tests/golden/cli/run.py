"""Command lines as files: <name>.cmd holds the words after `docker-ecs` (first line, shell quoting) and "exit <code>" (second
line); <name>.out and <name>.err hold what it writes, and are absent when it writes nothing. The home directory, where they run, holds what is in project/. ACCEPT_GOLDENS=1 rewrites
them and fails once."""
import difflib
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def run(binary, words, home):
    environment = {"HOME": home, "PATH": os.environ["PATH"], "COLUMNS": "80",
                   **{key: value for key, value in os.environ.items() if "SAN_OPTIONS" in key}}
    done = subprocess.run([binary, *words], env=environment, cwd=home, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=20, check=False)
    clean = {stream: re.sub(r"\b\d+ ms\b", "N ms", getattr(done, stream).replace(home, "HOME")) for stream in ("stdout", "stderr")}
    return done.returncode, clean["stdout"], clean["stderr"]


def check(command, binary, accept):
    line = command.read_text().splitlines()[0]
    with tempfile.TemporaryDirectory() as home:
        shutil.copytree(HERE / "project", home, dirs_exist_ok=True)
        code, out, err = run(binary, shlex.split(line), home)
    wrong = []
    for path, actual in ((command, f"{line}\nexit {code}\n"), (command.with_suffix(".out"), out),
                         (command.with_suffix(".err"), err)):
        expected = path.read_text() if path.exists() else ""
        if expected == actual:
            continue
        wrong.extend(difflib.unified_diff(expected.splitlines(), actual.splitlines(), path.name, "now", lineterm=""))
        if accept and actual:
            path.write_text(actual)
        elif accept:
            path.unlink()
    return wrong


def main():
    accept = os.environ.get("ACCEPT_GOLDENS") == "1"
    binary = os.path.abspath(sys.argv[1])
    commands = sorted(HERE.glob("*.cmd"))
    wrong = [problem for command in commands for problem in check(command, binary, accept)]
    print("\n".join(wrong) or f"{len(commands)} command lines as recorded")
    return 1 if wrong or not commands else 0


if __name__ == "__main__":
    sys.exit(main())
