"""Whole-process measurements: wall time and peak memory as the kernel accounts them, medians over interleaved runs."""
import os
import statistics
import time


def once(argv, cwd=None, environment=None):
    """Runs argv with its output thrown away: (seconds, peak KiB). A failing command is an error: a figure of it means nothing."""
    here = os.getcwd()
    if cwd:
        os.chdir(cwd)
    null = os.open(os.devnull, os.O_RDWR)
    try:
        start = time.perf_counter()
        pid = os.posix_spawn(argv[0], argv, environment or dict(os.environ), file_actions=[
            (os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)])
        _, status, usage = os.wait4(pid, 0)
        seconds = time.perf_counter() - start
    finally:
        os.close(null)
        os.chdir(here)
    if status != 0:
        raise SystemExit(f"{' '.join(argv)}: status {status}")
    return seconds, usage.ru_maxrss


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
