"""Runs the ```console blocks of README.md and docs/*.md, page by page, and holds the shown output against the real one.

A line that starts with `$ ` is a command; the lines below it must each be found in what it prints, `…` standing for anything.
`cd` moves for the rest of the page. Blocks fenced as ```text or ```sh are not run.
"""
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenario"))
from support import BINARY, ROOT, Scenario  # noqa: E402

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands(page):
    """(command, shown lines) of a page, in order."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", page.read_text(), re.M | re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line.strip():
                found[-1][1].append(line.rstrip())
    return found


def shown(line, output):
    pattern = re.sub(r"\\…|…", ".*", re.escape(" ".join(line.split())))
    return any(re.fullmatch(pattern, " ".join(real.split())) for real in output.splitlines())


class Snippets(Scenario):
    def setUp(self):
        super().setUp()
        plugins = pathlib.Path(self.engine.config, "cli-plugins")
        plugins.mkdir()
        (plugins / "docker-ecs").symlink_to(BINARY)

    def run_page(self, page):
        directory = pathlib.Path(self.engine.home, page.stem)
        directory.mkdir()
        subprocess.run(["cp", "-r", str(ROOT / "examples"), str(directory)], check=True)
        for command, lines in commands(page):
            if command.startswith("cd "):
                directory = directory / command[3:]
                continue
            done = subprocess.run(["sh", "-c", command], cwd=directory, env=self.engine.environment, capture_output=True,
                                  text=True, timeout=180, check=False)
            output = done.stdout + done.stderr
            for line in lines:
                self.assertTrue(shown(line, output), f"{page.name}: $ {command}\nnot shown: {line}\noutput:\n{output}")

    def test_every_page(self):
        for page in PAGES:
            if commands(page):
                with self.subTest(page=page.name):
                    self.run_page(page)


if __name__ == "__main__":
    unittest.main()
