"""convert, as a whole process, beside a Go program that only loads the same file with compose-go."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measure import compare, row

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = str(ROOT / "build/release/docker-ecs")


def big_project(services):
    lines = ["services:"]
    for i in range(services):
        lines += [f"  s{i}:", "    image: registry.example.com/team/app:1.2.3", "    environment:"]
        lines += [f"      SETTING_{j}: value-{i}-{j}" for j in range(6)]
        lines += ["    ports:", f'      - "{20000 + i}:8080"'] if i % 10 == 0 else []
        lines += ["    healthcheck:", '      test: ["CMD", "true"]', "      interval: 30s", "    deploy:", "      resources:",
                  '        limits: {cpus: "0.25", memory: 512M}']
        lines += ["    depends_on:", f"      - s{i - 1}"] if i else []
    return "\n".join(lines) + "\n"


def main():
    peer = str(ROOT / "build/oracle")
    if not shutil.which("go"):
        sys.exit("the peer needs Go: no figures")
    subprocess.run(["go", "build", "-o", peer, "."], cwd=ROOT / "tests/oracle/compose-go", check=True)
    sample = str(ROOT / "examples/timestamper/compose.yaml")
    ours, memory, theirs, their_memory = compare([OURS, "compose", "-f", sample, "convert"], [peer, "-f", sample], 40)
    row("convert the sample, cold, whole process", ours * 1e3, theirs * 1e3, "ms", "<= 5 ms, <= 1/8")
    row("  peak memory", memory / 1024, their_memory / 1024, "MiB")
    with tempfile.TemporaryDirectory() as directory:
        for services, runs in ((1000, 3), (2000, 1)):
            file = pathlib.Path(directory, f"{services}.yaml")
            file.write_text(big_project(services))
            ours, memory, theirs, their_memory = compare(
                [OURS, "compose", "-f", str(file), "convert"], [peer, "-f", str(file)], runs)
            size = file.stat().st_size / 1e6
            row(f"convert {services} services ({size:.2f} MB)", ours * 1e3, theirs * 1e3, "ms",
                "<= 100 ms" if services == 1000 else "")
            row("  peak memory", memory / 1024, their_memory / 1024, "MiB", "<= 100 MiB" if services == 1000 else "")


main()
