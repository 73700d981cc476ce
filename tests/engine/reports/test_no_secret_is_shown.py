"""No secret value is shown anywhere: not by any command or format, in pytest's own output, or to who lists processes.

A chart with secrets of every kind writes them in many forms into wrong places, fails with them, and breaks its YAML
with them. What comes out is searched without the help of what masks it: for the core of each secret, in small letters,
in what base64 in it decodes to, and with white space and escapes taken out.
"""

from __future__ import annotations

import base64
import functools
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

import pytest

from chartgate.catalogs.snapshot_text import manifests
from chartgate.commands.main import main
from chartgate.matrix.choice import Choice, read_inputs
from chartgate.rendering.in_process import installed_version
from chartgate.rendering.renderings import Renderings
from chartgate.reports import review_json
from chartgate.reports.format_names import FORMAT_NAMES
from chartgate.reports.review_markdown import markdown_report
from chartgate.reports.review_page import page_report
from chartgate.reports.review_terminal import terminal_report
from chartgate.review.review import Review
from chartgate.system.toolchain import Tools
from tests.engine.reports.leaky_chart import CORES, MATRIX, POLICIES, SCHEMA, TEMPLATE, TESTS, values_of
from tests.engine.toys import script, write

ROOT = Path(__file__).parents[3]


def shown_cores(text: str, depth: int = 2) -> Iterator[str]:
    """Give the cores that a text shows, whatever it is written in."""
    simple = re.sub(r"[\s\\]+", "", unquote(text)).lower()
    yield from (core for core in CORES if core in simple)
    if re.search(r"7\.39184(?:523|613)7e\+0?9", simple):
        yield "a number in exponent form"
    for digits in re.findall(r"(?:[0-9a-f]{2} ?){7,}", text.lower()) if depth else ():
        yield from shown_cores(bytes.fromhex(digits).decode("latin-1"), 0)
    for token in re.findall(r"[A-Z2-7]{16,}", text.upper()) if depth else ():
        for start in range(8):
            yield from shown_cores(
                base64.b32decode(token[start:][: (len(token) - start) // 8 * 8]).decode("latin-1"), 0
            )
    for token in set(re.findall(r"[A-Za-z0-9+/_-]{8,}", re.sub(r"\\n|\n\s*", "", text)) if depth else ()):
        yield from _shown_in_base64(token, depth)


@functools.cache
def _shown_in_base64(token: str, depth: int) -> frozenset[str]:
    """Give what a word shows once it is decoded, from whichever letter; reports have most words hundreds of times."""
    parts = (token[start : start + (len(token) - start) // 4 * 4] for start in range(4))
    decoded = (base64.b64decode(part.replace("-", "+").replace("_", "/")).decode("latin-1") for part in parts)
    return frozenset(core for text in decoded for core in shown_cores(text, depth - 1))


def test_the_search_finds_what_is_shown() -> None:
    core = "kx1qa8dold"
    encoded = base64.b64encode(f"user:{core.upper()}!".encode()).decode()
    others = [base64.b32encode(f"user:{core} and more".encode()).decode(), core.encode().hex(), core.encode().hex(" ")]
    for text in (
        core.upper(),
        f"a{core[:4]}\n   {core[4:]}",
        encoded,
        base64.b64encode(encoded.encode()).decode(),
        *others,
    ):
        assert core in set(shown_cores(f"x {text} y")), text
    assert set(shown_cores("nothing is here, bm90aGluZyBpcyBoZXJl")) == set()
    assert set(shown_cores("token: 7.391846137e+09")) != set()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write two versions of the chart, a matrix, policies and tests; temporary files have a folder of their own."""
    for side in ("old", "new"):
        write(
            tmp_path / side,
            {
                "Chart.yaml": "apiVersion: v2\nname: leaky\nversion: 1.0.0\n",
                "values.yaml": json.dumps(values_of(side)),
                "values.schema.json": json.dumps(SCHEMA),
                "templates/all.yaml": TEMPLATE,
            },
        )
    files = {
        "matrix.yaml": MATRIX,
        "rules/__init__.py": "",
        "rules/shop/__init__.py": "",
        "rules/shop/leaks.py": POLICIES,
    }
    write(tmp_path, {**files, "test_own.py": TESTS, "pyproject.toml": "[tool.chartgate]\nmatrix = 'matrix.yaml'\n"})
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


RENDERER = f"--renderer={'inprocess' if installed_version() else 'helm'}"
"""Both say the same; of what does not render, helm itself says why."""
CHECK = ("check", "--matrix=matrix.yaml", "--policies=rules", "--policies=kubernetes")
REPORTS = tuple(f"{form}=report.{form}" for form in FORMAT_NAMES)
REVIEW = ("review", "old", "new", "--matrix=matrix.yaml", "--fail-on=note")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            (*CHECK, "--all", "--durations=5"),
            (
                "crashes_with_it",
                "shows_it",
                "must render",
                "the value of whole.b[0]",
                "slowest:",
                "judged 3 of ",
                "new/templates/all.yaml:30: shows_it: Deployment shop/web",
            ),
        ),
        (
            (*CHECK[:3], "--accept", "--baseline=report.baseline"),
            ("accepted into report.baseline: ", "  error    shows_it Deployment"),
        ),
        (
            (*CHECK, *(f"--report={report}" for report in REPORTS)),
            (
                "::error file=",
                '"check_name": "renders"',
                "<failure",
                "## 🔴",
                '"ruleId": "shows_it"',
                "privateKey",
                "more characters",
            ),
        ),
        (("check", "--matrix=nothing.yaml"), ("nothing.yaml",)),
    ],
    ids=[
        "check",
        "check that accepts",
        "check for others",
        "an error",
    ],
)
def test_commands(
    arguments: Sequence[str],
    words: Sequence[str],
    place: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The line of progress on a terminal included, which is written as often as there is something new."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr("chartgate.commands.progress._SECONDS", 0)
    monkeypatch.delenv("CI", raising=False)  # where nothing is accepted
    assert main([*arguments, RENDERER]) in (1, 2)
    output = capsys.readouterr()
    shown = "".join([output.out, output.err, *(file.read_text("utf-8") for file in sorted(place.glob("report.*")))])
    assert [word for word in words if word not in shown] == []
    assert set(shown_cores(shown)) == set()
    assert list((place / "temporary").iterdir()) == []


@pytest.mark.usefixtures("place")
def test_a_review_in_each_form(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What one run has found, in all of them."""
    seen: list[Review] = []
    as_json = review_json.json_report

    def kept(review: Review) -> str:
        seen.append(review)
        return as_json(review)

    monkeypatch.setattr(review_json, "json_report", kept)
    assert main([*REVIEW, "--format=json", RENDERER]) == 1
    shown = "".join(capsys.readouterr())
    for form in (terminal_report, markdown_report, as_json, page_report):
        text = form(*seen)
        assert all(word in text for word in ("values.yaml", "privateKey"))
        shown += text
    assert set(shown_cores(shown)) == set()


@pytest.mark.usefixtures("place")
def test_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    """It shows whole resources, and how they are in other scenarios."""
    assert main([*CHECK, RENDERER, "--report=html=page.html"]) == 1
    text = Path("page.html").read_text("utf-8")
    for word in ("crashes_with_it", "shows_it", "must render", "kind: Deployment", "--token="):
        assert word in text
    data = text.partition('<script type="application/json" id="data">')[2].partition("</script>")[0]
    assert set(shown_cores(data)) == set()
    assert set(shown_cores(text.partition("<body")[2].partition("<script")[0])) == set()
    assert set(shown_cores(capsys.readouterr().out)) == set()


@pytest.mark.parametrize("more", [(), ("-n", "2")], ids=["alone", "with workers"])
@pytest.mark.usefixtures("place")
def test_pytest(more: Sequence[str]) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:hypothesispytest",
        "-vv",
        "-l",
        "-rA",
        "--junitxml=junit.xml",
        "--policies=rules",
        *more,
    ]
    command += [f"--chartgate-report={report}" for report in REPORTS]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([*command, "test_own.py"], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    for word in (
        "test_fails[plain]",
        "warnings summary",
        "Captured stdout",
        "SKIPPED",
        "XFAIL",
        "test_policy[crashes_with_it",
    ):
        assert word in done.stdout
    assert set(shown_cores(done.stdout + done.stderr)) == set()
    for file in sorted(Path().glob("report.*")):
        assert set(shown_cores(file.read_text("utf-8"))) == set(), file
    junit = Path("junit.xml").read_text("utf-8")
    assert ElementTree.fromstring(junit).find(".//property[@name='given']") is not None  # noqa: S314 - our own
    assert set(shown_cores(junit)) == set()


def test_a_policy_that_cannot_choose(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    choosing = POLICIES.replace('severity="error", ', 'severity="error", where=lambda s: {}[s.value("marked")], ', 1)
    write(place, {"rules/shop/leaks.py": choosing})
    assert main([*CHECK]) == 2
    error = capsys.readouterr().err
    assert "cannot choose its scenarios in matrix.yaml: KeyError" in error
    assert set(shown_cores(error)) == set()


def test_snapshots(place: Path, tools: Tools) -> None:
    chart, matrix = read_inputs(Choice(matrix="matrix.yaml"), place / "new")
    rendering = Renderings(chart, tools, (), place / "runs").of(matrix.scenarios["plain"])
    text = manifests(rendering.resources, rendering)
    assert "kind: Deployment" in text
    assert set(shown_cores(text)) == set()


def test_who_lists_processes(place: Path, tools: Tools, capsys: pytest.CaptureFixture[str]) -> None:
    """The arguments and the environment of helm are for everybody on the machine to see."""
    seen = place / "seen"
    helm = script(place / "helm", f'tr "\\0" "\\n" < /proc/$$/cmdline >> {seen}; env >> {seen}; exec {tools.helm} "$@"')
    assert main([*CHECK, f"--helm={helm}"]) == 1
    assert "template" in seen.read_text()
    assert set(shown_cores(seen.read_text())) == set()
    assert "CHARTGATE" not in capsys.readouterr().err
