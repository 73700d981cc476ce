"""The baseline: what it accepts, adds and takes out, how its file is written, and what is refused of one."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chartgate.errors import InputError
from chartgate.gate.items import PolicyHolds
from chartgate.gate.judgement import Judgement
from chartgate.gate.proof_items import CounterexampleNoticed
from chartgate.gate.results.outcome import AcceptedFinding, Finding, PolicySummary
from chartgate.gate.rules.baseline import Baseline
from chartgate.gate.rules.baseline_file import read_baseline, write_baseline
from chartgate.model import Chart, Check, Rendering, Severity, Waiver
from chartgate.policy.checks import equals
from chartgate.policy.edits import put
from chartgate.policy.policy import Policy
from tests.engine.gate.test_items import BAD, LATER, SCENARIOS, judgement_of
from tests.engine.toy_policies import CONFIG, key_is_good, made_of

FIRST, TODAY = datetime.date(2026, 1, 31), datetime.date(2026, 6, 1)
KEY = "key_is_good ConfigMap a data.key"


def _entry(fingerprint: str = KEY, severity: Severity = "error", who: str = "", why: str = "") -> AcceptedFinding:
    return AcceptedFinding(fingerprint, severity, FIRST, who, why)


def _finding(fingerprint: str = KEY, severity: Severity = "error") -> Finding:
    policy = PolicySummary("key_is_good", "The key is good.", "Mend it.", "")
    return Finding(policy, severity, fingerprint, "ConfigMap a", "", "data.key", "good", "bad", ("one",))


@pytest.mark.parametrize(
    ("entry", "finding", "accepted"),
    [
        (_entry(), _finding(), True),
        (_entry(), _finding(severity="warning"), True),
        (_entry(severity="warning"), _finding(severity="warning"), True),
        (_entry(severity="warning"), _finding(), False),
        (_entry(f"{KEY}2"), _finding(), False),
        (_entry("another_policy ConfigMap a data.key"), _finding(), False),
    ],
)
def test_what_an_entry_accepts(entry: AcceptedFinding, finding: Finding, accepted: bool) -> None:
    found = Baseline("b.yaml", "toy", (entry,)).of(finding.fingerprint, finding.severity)
    assert found == (entry if accepted else None)


@pytest.mark.parametrize(
    ("entries", "findings", "expected"),
    [
        ([], [], []),
        ([], [_finding()], [AcceptedFinding(KEY, "error", TODAY, "me", "later")]),
        ([_entry(who="you")], [_finding()], [_entry(who="you")]),
        ([_entry()], [_finding("p x")], [_entry(), AcceptedFinding("p x", "error", TODAY, "me", "later")]),
        ([_entry()], [], [_entry()]),
        # A warning that is an error by now was not accepted as one.
        ([_entry(severity="warning", who="you")], [_finding()], [AcceptedFinding(KEY, "error", TODAY, "me", "later")]),
        # One cause may be found as both.
        ([], [_finding(severity="warning"), _finding()], [AcceptedFinding(KEY, "error", TODAY, "me", "later")]),
        ([], [_finding(), _finding(severity="warning")], [AcceptedFinding(KEY, "error", TODAY, "me", "later")]),
    ],
)
def test_what_accepting_adds(
    entries: list[AcceptedFinding], findings: list[Finding], expected: list[AcceptedFinding]
) -> None:
    given = Baseline("b.yaml", "toy", tuple(entries))
    assert list(given.with_findings(findings, TODAY, "me", "later").entries) == expected


def test_who_and_why_of_a_warning_stay_where_its_error_is_accepted_without_a_word() -> None:
    given = Baseline("b.yaml", "toy", (_entry(severity="warning", who="you", why="old"),))
    assert given.with_findings([_finding()], TODAY, "", "").entries == (
        AcceptedFinding(KEY, "error", TODAY, "you", "old"),
    )


ODD = [
    "key_is_good ConfigMap a data[on]",
    "key_is_good ConfigMap a data[x: y # z]",
    "key_is_good ConfigMap a data[line\nbreak]",
    "key_is_good ConfigMap a data[\x07\u202e\ufeff\x85]",
    "key_is_good ConfigMap a data[Grüße \U0001f600]",
    "key_is_good " + "x" * 5000,
]


def test_a_file_is_sorted_and_reads_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "b.yaml"
    entries = [_entry(fingerprint, "warning", "team: a", "- 'x'\n") for fingerprint in ODD]
    write_baseline(Baseline(str(file), "toy", tuple(entries)))
    found = read_baseline(str(file), "toy")
    assert list(found.entries) == sorted(entries, key=lambda entry: entry.fingerprint)
    before = file.read_bytes()
    write_baseline(dataclasses.replace(found, entries=found.entries[::-1]))
    assert file.read_bytes() == before


def test_the_form_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "b.yaml"
    write_baseline(Baseline(str(file), "toy", (_entry("p Pod z"), _entry("p Pod a", "warning", "me", "It was there."))))
    text = file.read_text()
    assert "`chartgate check --prune` takes out what is mended" in text
    assert [line for line in text.splitlines() if not line.startswith("#")] == [
        "format: 1",
        "chart: toy",
        "findings:",
        "- fingerprint: p Pod a",
        "  severity: warning",
        "  since: 2026-01-31",
        "  who: me",
        "  why: It was there.",
        "- fingerprint: p Pod z",
        "  severity: error",
        "  since: 2026-01-31",
    ]


def test_one_that_is_not_there_accepts_nothing(tmp_path: Path) -> None:
    found = read_baseline(str(tmp_path / "b.yaml"), "toy")
    assert (found.entries, found.is_there) == ((), False)


HEAD = "format: 1\nchart: toy\nfindings:\n"
GOOD = "- fingerprint: p Pod a\n  severity: error\n  since: 2026-01-31\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "b.yaml:1: this is no baseline: a map with the keys format, chart and findings is expected"),
        ("[]", "b.yaml:1: this is no baseline: a map with"),
        ("a: [", "b.yaml:2: did not find expected node content"),
        ("<<<<<<< HEAD\n" + HEAD + GOOD, "b.yaml:1: two branches have changed it, and git has left both here: keep"),
        (HEAD + GOOD + ">>>>>>> main\n", "b.yaml:7: two branches have changed it"),
        ("a: \udcff", "b.yaml cannot be read: "),
        ("a: &a [*a]", "b.yaml:1: "),
        ("chart: toy\nfindings: []", "b.yaml:1: this is no baseline: `format: 1` is expected in it"),
        ("\nformat: x\nchart: toy", "b.yaml:2: format: this is no baseline: `format: 1` is expected in it"),
        ("format: true", "b.yaml:1: format: this is no baseline"),
        ("format: 0", "b.yaml:1: format: there is no format 0; this chartgate knows 1"),
        (
            "format: 2\nchart: toy\nentries: {}",
            "b.yaml:1: format: it is of the format 2, and this chartgate knows 1: upgrade",
        ),
        ("format: 1\nchart: toy", "b.yaml:1: findings is missing"),
        (HEAD + "colour: red", "b.yaml:4: colour: there is no such key; accepted: format, chart, findings"),
        (HEAD + "finding: []", "b.yaml:4: finding: there is no such key; did you mean findings?"),
        (HEAD.replace("toy", "web") + GOOD, "b.yaml:2: chart: this is the baseline of the chart 'web', and 'toy' is"),
        (HEAD.replace("toy", "[1]") + GOOD, "b.yaml:2: chart: this is the baseline of the chart [1], and 'toy' is"),
        (HEAD + "  a: b", "b.yaml:3: findings: a list of findings is expected"),
        (HEAD, "b.yaml:3: findings: a list of findings is expected"),
        (HEAD + GOOD + "- a", "b.yaml:7: findings[1]: a map with the keys fingerprint, severity and since is expected"),
        (HEAD + GOOD + "- null", "b.yaml:7: findings[1]: a map with the keys"),
        (HEAD + GOOD + GOOD, "b.yaml:7: findings[1]: the same finding as in line 4: leave one of them out"),
        (HEAD + GOOD + "  severity: error", "b.yaml:7: "),
        (HEAD + GOOD.replace("p Pod a", "1"), "b.yaml:4: findings[0].fingerprint: a text is expected"),
        (HEAD + GOOD.replace("p Pod a", "''"), "b.yaml:4: findings[0].fingerprint: a fingerprint begins with the name"),
        (HEAD + GOOD.replace("p Pod a", "a-b"), "b.yaml:4: findings[0].fingerprint: a fingerprint begins with the"),
        (HEAD + GOOD.replace("error", "note"), "b.yaml:5: findings[0].severity: error or warning is expected"),
        (HEAD + GOOD.replace("error", "[error]"), "b.yaml:5: findings[0].severity: a text is expected"),
        (HEAD + GOOD.replace("2026-01-31", "yesterday"), "b.yaml:6: findings[0].since: a date is expected, such as"),
        (HEAD + GOOD.replace("2026-01-31", "2026-02-30"), "b.yaml:6: findings[0].since: a date is expected, such as"),
        (HEAD + GOOD.replace("  since: 2026-01-31\n", ""), "b.yaml:4: findings[0]: since is missing"),
        (HEAD + GOOD + "  owner: me\n", "b.yaml:7: findings[0].owner: there is no such key; accepted: fingerprint"),
        (HEAD + GOOD + "  who: [me]\n", "b.yaml:7: findings[0].who: a text is expected"),
    ],
)
def test_what_is_refused(text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("b.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError) as caught:
        read_baseline("b.yaml", "toy")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be read: .*Is a directory"):
        read_baseline(str(tmp_path), "toy")


def _mended(
    toy: Chart, policies: list[Policy], entries: list[AcceptedFinding], judged: list[Policy], **changes: Any
) -> tuple[AcceptedFinding, ...]:
    """Give what of a baseline is mended once some policies have judged all their cases."""
    matrix = {name: changes.pop(name) for name in ("errors", "waivers") if name in changes}
    judgement = judgement_of(toy, policies, BAD, **matrix)
    baseline = Baseline("b.yaml", "toy", tuple(entries), is_there=True)
    judgement.gate = dataclasses.replace(judgement.gate, baseline=baseline, **changes)
    for policy in policies:
        cases = judgement.cases(policy)
        for case in cases if policy in judged else cases[:1]:
            PolicyHolds(policy, case).judge(judgement)
    return judgement.mended()


def crashes(*_: object) -> Iterator[Check]:
    """It fails itself."""
    raise LookupError("no such thing")


GONE = _entry("key_is_good ConfigMap b data.key")
OF_NO_POLICY = _entry("key_was_good ConfigMap a data.key")
WAIVER = Waiver("key_is_good", "", "", "", "Agreed.", "shop team", LATER)


@pytest.mark.parametrize(
    ("changes", "mended"),
    [
        ({}, [GONE, OF_NO_POLICY]),
        ({"is_selection": True}, [GONE]),
        ({"left_out": {"key_was_good": "excluded"}}, [GONE]),
        ({"infrastructure": "np-hub.yaml"}, []),
        ({"kube_version": "1.31.0"}, []),
        ({"errors": ["two"]}, [OF_NO_POLICY]),
        # Where a waiver accepts it, it is still there.
        ({"waivers": (WAIVER,)}, [GONE, OF_NO_POLICY]),
    ],
)
def test_what_is_mended(changes: dict[str, Any], mended: list[AcceptedFinding], toy: Chart) -> None:
    made = made_of(key_is_good)
    assert _mended(toy, [made], [_entry(), GONE, OF_NO_POLICY], [made], **changes) == tuple(mended)


def test_what_was_not_judged_in_all_cases_is_not_mended(toy: Chart) -> None:
    assert len(SCENARIOS) > 1
    assert _mended(toy, [made_of(key_is_good)], [GONE], []) == ()
    failing = made_of(crashes)
    assert _mended(toy, [failing], [_entry("crashes ConfigMap a")], [failing]) == ()


def keys_are_good(rendering: Rendering) -> Iterator[Check]:
    """Both keys are good."""
    for name in ("a", "b"):
        yield equals(rendering.resources.one("ConfigMap", name).place("data.key"), "good")


@pytest.mark.parametrize(
    ("entries", "waivers", "changed", "red", "idle"),
    [
        ([], (), "b", True, False),
        ([_entry("keys_are_good ConfigMap a data.key")], (), "b", False, False),
        ([], (dataclasses.replace(WAIVER, policy="keys_are_good", resource="*/a"),), "b", False, False),
        ([_entry("keys_are_good ConfigMap a data.key")], (), "a", False, True),
        ([_entry("keys_are_good ConfigMap b data.key")], (), "b", True, False),
    ],
)
def test_a_counterexample_starts_beyond_what_is_accepted(
    entries: list[AcceptedFinding], waivers: tuple[Waiver, ...], changed: str, red: bool, idle: bool, toy: Chart
) -> None:
    made = made_of(keys_are_good)
    made.breaks("one", another=put(f"ConfigMap {changed}", "data.key", "worse"))
    gate = judgement_of(toy, [made], CONFIG.replace("good", "bad", 1), waivers=waivers).gate
    baseline = Baseline("b.yaml", "toy", tuple(entries), is_there=True)
    judgement = Judgement(dataclasses.replace(gate, baseline=baseline))
    result = CounterexampleNoticed(made.counterexamples[0], SCENARIOS[:1]).judge(judgement)
    assert (result.is_red, bool(result.idle)) == (red, idle)
