"""Review every consecutive pair of released versions in the git history of a chart: what it costs, and what it finds.

    .venv/bin/python bench/review_history.py CLONE PATH FOLDER

CLONE is a git clone with tags, PATH the chart in it; the reports go to FOLDER. A row tells the two tags, the exit code,
seconds, the peak of the process's memory in MiB (that of helm apart), the number of entries, and each class of risk.
"""

from __future__ import annotations

import collections
import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import semver

from chartgate.documents.yaml_texts import go_yaml
from chartgate.review.versions import carries, parsed

CHARTGATE = Path(sys.executable).with_name("chartgate")


def main(clone: Path, path: str, folder: Path) -> int:
    """Print a row for each pair; give 1 if a pair did not come to a report."""
    folder.mkdir(parents=True, exist_ok=True)
    releases = [tag for _, tag in sorted(_releases(clone, path).items())]
    crashed = 0
    for before, after in itertools.pairwise(releases):
        name = folder / f"{before}..{after}".replace("/", "_")
        command = [str(CHARTGATE), "review", before, after, f"--chart={path}", "--format=json", f"--output={name}.json"]
        with Path(f"{name}.txt").open("wb") as stream:
            started = time.monotonic()
            process = subprocess.Popen([*command, "--fail-on=never"], cwd=clone, stdout=stream, stderr=stream)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - started
        code = process.returncode = os.waitstatus_to_exitcode(status)
        print(f"{before} -> {after}: exit {code}, {seconds:.1f} s, {usage.ru_maxrss / 1024:.0f} MiB", end="")  # noqa: T201
        crashed += code != 0
        print(f"; {_found(Path(f'{name}.json'))}" if code == 0 else f"; see {name}.txt", flush=True)  # noqa: T201
    print(f"{len(releases) - 1} pairs, {crashed} without a report")  # noqa: T201
    return 1 if crashed else 0


def _releases(clone: Path, path: str) -> dict[semver.Version, str]:
    """Give a tag for each version of the chart that has one, pre-releases left out."""
    found: dict[semver.Version, str] = {}
    for tag in _git(clone, "tag", "--list").split():
        text = _git(clone, "show", f"{tag}:{path}/Chart.yaml")
        metadata = go_yaml.load(text, f"{tag}:{path}/Chart.yaml") if text else None
        if isinstance(metadata, dict) and carries(tag, str(metadata.get("name")), str(metadata.get("version"))):
            version = parsed(str(metadata["version"]))
            if version is not None and not version.prerelease:
                found.setdefault(version, tag)
    return found


def _git(clone: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", clone, *arguments], capture_output=True, text=True, check=False)  # noqa: S607
    return done.stdout if done.returncode == 0 else ""


def _found(report: Path) -> str:
    review = json.loads(report.read_text("utf-8"))
    classes = collections.Counter(risk["class"] for entry in review["entries"] for risk in entry.get("risks", []))
    told = ", ".join(f"{number} {name}" for name, number in classes.most_common())
    version = review["version"]
    return f"{len(review['entries'])} entries, {version['actual']} for {version['sufficient']}; {told or 'no risk'}"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
