"""Whole-process measurements: wall time and peak memory as the kernel accounts them, medians over interleaved runs."""
import pathlib
import statistics
import subprocess

MEASURED = pathlib.Path(__file__).resolve().parents[2] / "build/release/tests/bench/measured"


def once(argv, cwd=None, environment=None):
    """Runs argv with its output thrown away: (seconds, peak KiB). A failing command is an error: a figure of it means nothing."""
    done = subprocess.run([str(MEASURED), *argv], cwd=cwd, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    seconds, kib, status = done.stdout.split()
    if status != "0":
        raise SystemExit(f"{' '.join(argv)}: status {status}")
    return float(seconds), int(kib)


def compare(ours, peer, runs, **options):
    """Medians of both commands, run in turn: (ours seconds, ours KiB, peer seconds, peer KiB)."""
    once(ours, **options), once(peer, **options)
    a, b = [], []
    for _ in range(runs):
        a.append(once(ours, **options))
        b.append(once(peer, **options))
    middle = lambda rows, column: statistics.median(row[column] for row in rows)
    return middle(a, 0), middle(a, 1), middle(b, 0), middle(b, 1)


def row(what, ours, peer=None, unit="ms", target=""):
    text = f"{what:<54} {ours:>10.2f} {unit}"
    if peer is not None:
        text += f"   peer {peer:>10.2f} {unit}   ratio {ours / peer:.3f}"
    print(text + (f"   (target {target})" if target else ""), flush=True)
