"""What our plugin adds to pytest: the items of this repository, all known from an earlier run, beside empty ones.

    .venv/bin/python bench/pytest_items.py [--rounds=N]

As many empty items are one parametrised test, run by the same pytest with the same settings and without our plugin. The
medians of the processor time of both are printed, and how much more ours take; a third is what is asked.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from chartgate.system.toolchain import PINNED

ROOT = Path(__file__).parents[1]
EMPTY = """import pytest


@pytest.mark.parametrize("number", range({}))
def test_nothing(number):
    pass
"""


def run(arguments: list[str], cache: Path) -> tuple[float, int]:
    """Run pytest; give the seconds of processor time that it took, and how many items it had.

    Raises:
        RuntimeError: something is red.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    environment = {**os.environ, "CHARTGATE_CACHE": str(cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read()
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}:\n{said[-2000:]}")
    counts = re.findall(r"(\d+) (?:passed|xfailed|skipped)", said.splitlines()[-1])
    return usage.ru_utime + usage.ru_stime, sum(map(int, counts))


def main() -> None:
    """Measure both in turn, and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        cache, empty = Path(name, "cache"), Path(name, "empty")
        for folder in (cache, empty):
            folder.mkdir()
        (cache / PINNED.folder.name).symlink_to(PINNED.folder)
        ours = ["tests/test_policies.py"]
        _, count = run(ours, cache)
        (empty / "test_nothing.py").write_text(EMPTY.format(count))
        theirs = ["-p", "no:chartgate", f"-c={ROOT / 'pyproject.toml'}", f"--rootdir={empty}", str(empty)]
        taken = [(run(ours, cache)[0], run(theirs, cache)[0]) for _ in range(rounds)]
    own, plain = (statistics.median(seconds) for seconds in zip(*taken, strict=True))
    print(f"{count} items, known: {own:.1f} s of processor time; empty ones: {plain:.1f} s; {own / plain - 1:.0%} more")  # noqa: T201


if __name__ == "__main__":
    main()
