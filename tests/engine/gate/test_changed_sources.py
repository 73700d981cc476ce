"""What differs from a commit is told first: which lines, of which templates, and which commit that is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from chartgate.charts.reading.chart_paths import ChartPaths
from chartgate.charts.reading.read import read_chart
from chartgate.errors import InputError
from chartgate.gate.results.written import SourceLine, Written
from chartgate.gate.rules.changed_sources import ChangedSources, since_by_default, since_named
from tests.engine.toys import CHART, write

WEB = "".join(f"line{number}: 1\n" for number in range(1, 10))


def _git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository a commit ahead of origin/main, with a work tree that has more changes; be there."""
    write(tmp_path / "charts/toy", {"Chart.yaml": CHART, "templates/web.yaml": WEB, "templates/job.yaml": WEB})
    _git(tmp_path, "init", "--quiet", "--initial-branch=work")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "--quiet", "--message=one")
    _git(tmp_path, "update-ref", "refs/remotes/origin/main", "HEAD")
    (tmp_path / "charts/toy/templates/job.yaml").write_text(WEB.replace("line9: 1", "line9: 2"))
    _git(tmp_path, "commit", "--quiet", "--all", "--message=two")
    changed = WEB.replace("line3: 1\n", "line3: 2\nmore: 1\n").replace("line7: 1\n", "").replace("\n", "\r\n")
    (tmp_path / "charts/toy/templates/web.yaml").write_text(changed, newline="")
    (tmp_path / "charts/toy/templates/new.yaml").write_text("a: 1\nb: 2\n")
    write(tmp_path / "charts/toy/charts/fetched", {"Chart.yaml": CHART, "templates/web.yaml": WEB})
    (tmp_path / ".gitignore").write_text("charts/*/charts\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _marked(written: Written, environment: dict[str, str]) -> tuple[str, str, str]:
    since = since_by_default(Path("charts/toy"), environment)
    assert since is not None
    chart = read_chart(Path("charts/toy"), "charts/toy")
    found = ChangedSources(since, chart.source, ChartPaths(chart)).marked(written)
    return found.changed, str(found.changed_at or "").removeprefix("charts/toy/templates/"), found.since


def _at(file: str, first: int = 0, last: int = 0) -> SourceLine:
    return SourceLine(f"charts/toy/{file}", first, last)


MAIN = {"GITHUB_BASE_REF": "main"}


@pytest.mark.parametrize(
    ("written", "environment", "changed", "at"),
    [
        (Written(_at("templates/web.yaml", 3)), {}, "line", "web.yaml:3"),
        (Written(_at("templates/web.yaml", 4, 9)), {}, "line", "web.yaml:4"),
        (Written(_at("templates/web.yaml", 5, 6)), {}, "template", "web.yaml:3-4"),
        (Written(_at("templates/web.yaml", 7)), {}, "line", "web.yaml:7"),  # beside a line that is gone
        (Written(_at("templates/web.yaml")), {}, "template", "web.yaml:3-4"),
        (Written(_at("templates/new.yaml", 2)), {}, "line", "new.yaml:2"),
        (Written(_at("charts/fetched/templates/web.yaml", 2)), {}, "", ""),
        (Written(_at("templates/job.yaml", 9)), {}, "", ""),
        (Written(_at("templates/job.yaml", 9)), MAIN, "line", "job.yaml:9"),
        (Written(_at("templates/job.yaml", 8)), MAIN, "template", "job.yaml:9"),
        (Written(_at("templates/job.yaml", 8)), {"GITHUB_BASE_REF": "no-such"}, "", ""),
        (Written(_at("templates/job.yaml", 8), (_at("templates/web.yaml", 3),)), {}, "line", "web.yaml:3"),
        (Written(_at("templates/job.yaml", 8), also=(_at("templates/web.yaml", 1, 9),)), {}, "line", "web.yaml:3-4"),
        (Written(_at("templates/job.yaml", 8), parts=(_at("templates/web.yaml", 1, 9),)), {}, "line", "web.yaml:3-4"),
        (Written(_at("templates/job.yaml", 8), also=(_at("templates/web.yaml", 5),)), {}, "", ""),
        (Written(_at("charts/a.tgz/a/templates/web.yaml", 3)), {}, "", ""),
        (Written(SourceLine("elsewhere/web.yaml", 3)), {}, "", ""),
    ],
)
@pytest.mark.usefixtures("repository")
def test_what_differs(written: Written, environment: dict[str, str], changed: str, at: str) -> None:
    since = ("origin/main" if environment == MAIN else "the last commit") if changed else ""
    assert _marked(written, environment) == (changed, at, since)


@pytest.mark.usefixtures("repository")
def test_of_a_changed_template_the_changes_are_named() -> None:
    since = since_named("HEAD", Path("charts/toy"))
    chart = read_chart(Path("charts/toy"), "charts/toy")
    written = Written(_at("templates/web.yaml", 5), also=(_at("templates/job.yaml", 1),))
    found = ChangedSources(since, chart.source, ChartPaths(chart)).marked(written)
    assert (found.changed, found.changed_at) == ("template", _at("templates/web.yaml", 3, 4))
    assert found.also == (_at("templates/web.yaml", 7, 8), _at("templates/job.yaml", 1))


def test_gitlab_names_the_commit(repository: Path) -> None:
    head = subprocess.run(["git", "rev-parse", "HEAD~1"], cwd=repository, check=True, capture_output=True, text=True)
    environment = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": head.stdout.strip()}
    assert _marked(Written(_at("templates/job.yaml", 9)), environment) == ("line", "job.yaml:9", head.stdout.strip())


def test_a_commit_that_nobody_knows(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(InputError, match=r"^--since='no-such': there is no commit of that name in "):
        since_named("no-such", repository / "charts/toy")
    assert since_named("HEAD~1", repository / "charts/toy").name == "HEAD~1"
    assert since_by_default(tmp_path_factory.mktemp("outside"), MAIN) is None
