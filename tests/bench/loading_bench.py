"""Loading, converting and serialising: each apart in one process, over a curve of sizes and over a corpus beside compose-go, and as
whole processes beside a Go program that only loads the same file."""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

from measure import compare, once, row

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/release"
OURS = str(BUILD / "docker-ecs")
PROBE = str(BUILD / "tests/bench/loading_probe")
sys.path.insert(0, str(ROOT / "tests/conformance/compose"))
from live_oracle import corpus, fixtures  # noqa: E402
from loaders import Loader  # noqa: E402


def service(i, rich):
    lines = [f"  s{i}:", "    image: registry.example.com/team/app:1.2.3", "    environment:"]
    lines += [f"      SETTING_{j}: value-{i}-{j}" for j in range(24 if rich else 6)]
    lines += ["    ports:", f'      - "{20000 + i % 20000}:8080"'] if i % 10 == 0 else []
    lines += ["    healthcheck:", '      test: ["CMD", "true"]', "      interval: 30s", "    deploy:", "      resources:",
              '        limits: {cpus: "0.25", memory: 512M}']
    if rich:
        lines += ["    labels:", *[f"      com.example.label-{j}: the value of label {j} of service {i}" for j in range(10)],
                  "    command:", *[f"      - --option-{j}=value-of-{i}-{j}" for j in range(8)]]
    return lines + (["    depends_on:", f"      - s{i - 1}"] if i else [])


def project(services, rich=False):
    return "\n".join(["services:"] + [line for i in range(services) for line in service(i, rich)]) + "\n"


def probe(file, runs):
    load, convert, serialise, kib = map(float, subprocess.run([PROBE, str(file), str(runs)], capture_output=True, text=True,
                                                              check=True).stdout.split())
    return load / 1e3, convert / 1e3, serialise / 1e3, kib / 1024


def curve(folder):
    print("one process, after one run to warm up; each figure is a median")
    at_1000 = None
    for services in (100, 300, 1000, 3000, 10000):
        file = folder / f"{services}.yaml"
        file.write_text(project(services))
        load, convert, serialise, mib = probe(file, max(1, 9000 // services) if services < 10000 else 3)
        at_1000 = load if services == 1000 else at_1000
        against = f"   {load / at_1000:5.2f} x 1,000 (target <= 11)" if services == 10000 else ""
        print(f"  {services:>6} services, {file.stat().st_size / 1e6:5.2f} MB: load {load:8.2f} ms, {load * 1e3 / services:6.1f} us each; "
              f"convert {convert:8.2f} ms ({100 * convert / load:3.0f} % of load); serialise {serialise:8.2f} ms; "
              f"peak of the first load {mib:6.1f} MiB{against}", flush=True)
    file = folder / "rich.yaml"
    file.write_text(project(1000, rich=True))
    load, convert, serialise, mib = probe(file, 9)
    print(f"  1,000 large services, {file.stat().st_size / 1e6:.2f} MB: load {load:.2f} ms, convert {convert:.2f} ms, serialise "
          f"{serialise:.2f} ms, peak of the first load {mib:.1f} MiB", flush=True)


def whole(folder, peer):
    sample = str(ROOT / "examples/timestamper/compose.yaml")
    ours, memory, theirs, their_memory = compare([OURS, "compose", "-f", sample, "convert"], [peer, "-f", sample], 60)
    row("convert the sample, cold, whole process", ours * 1e3, theirs * 1e3, "ms", "<= 5 ms, <= 0.125")
    row("  peak memory", memory / 1024, their_memory / 1024, "MiB")
    for name, runs in (("1000", 5), ("rich", 3)):
        file = str(folder / f"{name}.yaml")
        ours, memory, theirs, their_memory = compare([OURS, "compose", "-f", file, "convert"], [peer, "-f", file], runs)
        row(f"convert {name.replace('rich', '1000 large')} services, whole process", ours * 1e3, theirs * 1e3, "ms", "<= 100 ms")
        row("  peak memory", memory / 1024, their_memory / 1024, "MiB", "<= 100 MiB")
    seconds, kib = once([OURS, "compose", "-f", str(folder / "10000.yaml"), "convert"])
    row("convert 10000 services, whole process", seconds * 1e3)
    row("  peak memory", kib / 1024, unit="MiB")


def per_file(folder, peer):
    """Each file loaded by both in one process each, after a warm-up; the fastest of five runs."""
    loaders = Loader([peer, "serve"]), Loader([str(BUILD / "tests/conformance/compose/compose_serve")])
    projects = list(corpus(folder / "corpus"))
    what = "the corpus" if projects else "our fixtures"
    projects = projects or list(fixtures(folder / "fixtures"))
    ratios, times = [], ([], [])
    for case in projects:
        request = {**case.request(), "quiet": True}
        for loader in loaders:
            loader.ask(request)
        theirs, ours = (loader.ask({**request, "repeat": 5}) for loader in loaders)
        if theirs["status"] == ours["status"] == "ok" and ours["micros"] > 0:
            ratios.append(theirs["micros"] / ours["micros"])
            times[0].append(theirs["micros"]), times[1].append(ours["micros"])
    print(f"{len(ratios)} projects of {what}, in one process: compose-go {statistics.median(times[0]):.0f} us, ours "
          f"{statistics.median(times[1]):.0f} us; median of the files' ratios {statistics.median(ratios):.1f} x faster (target >= 10)",
          flush=True)


def main():
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(os.path.realpath(name))
        curve(folder)
        if go is None:
            sys.exit("the peer needs Go: no more figures")
        peer = str(ROOT / "build/compose-go-peer")
        subprocess.run([go, "build", "-o", peer, "."], cwd=ROOT / "tests/oracle/compose-go", check=True)
        whole(folder, peer)
        per_file(folder, peer)


main()
