"""Reading and writing the file of a baseline: sorted, an entry a finding; every complaint has a line."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

from chartgate.documents.words import near
from chartgate.documents.yaml_texts import go_yaml
from chartgate.documents.yaml_texts.yaml_lines import line_at
from chartgate.errors import InputError
from chartgate.gate.results.outcome import AcceptedFinding
from chartgate.gate.rules.baseline import Baseline
from chartgate.model import Severity
from chartgate.system.answers import is_there
from chartgate.system.files import read_text, write_whole

_FORMAT = 1
_CONFLICT = re.compile(r"^(?:<<<<<<< |=======$|>>>>>>> )", re.MULTILINE)
"""https://git-scm.com/docs/git-merge#_how_conflicts_are_presented"""
"""Raised when a file that is written can no longer be read by the chartgate before."""
_HEAD = """\
# Findings that were there when the gate was introduced: only new ones make a run red. `chartgate check --accept` adds
# to them, `chartgate check --prune` takes out what is mended. Both write this file anew and keep who and why of an
# entry, but no comment.
"""
_TOP = ("format", "chart", "findings")
_ENTRY = ("fingerprint", "severity", "since", "who", "why")

Complaint = Callable[..., InputError]


def read_baseline(file: str, chart: str) -> Baseline:
    """Read a baseline; one that is not there accepts nothing.

    Args:
        file: as a person here would write it.
        chart: the name of the chart that is judged.

    Raises:
        InputError: it cannot be read, is of another chart or of a newer format, or has an entry that is none, or twice.
    """
    path = Path(file)
    if not is_there(path) and not path.is_symlink():
        return Baseline(file, chart)
    text = read_text(path, file)
    if conflict := _CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start()) + 1
        raise InputError(
            f"{file}:{line}: two branches have changed it, and git has left both here: keep the entries of both sides,"
            " and take out the lines that git wrote"
        )
    try:
        content = go_yaml.load(text, file)
        tree = go_yaml.tree(text, file)
    except go_yaml.BrokenYaml as error:
        raise InputError(f"{file}{f':{error.line}' if error.line else ''}: {error.problem}") from error

    def complaint(message: str, *steps: str | int) -> InputError:
        where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
        return InputError(f"{file}:{line_at(tree, steps)}: {where}{': ' * bool(where)}{message}")

    if not isinstance(content, dict):
        raise complaint("this is no baseline: a map with the keys format, chart and findings is expected")
    _check_format(content, complaint)
    _check_keys(content, _TOP, complaint)
    if content["chart"] != chart:
        raise complaint(
            f"this is the baseline of the chart {content['chart']!r}, and {chart!r} is judged: name another file with"
            " --baseline=FILE, or leave it out with --no-baseline",
            "chart",
        )
    if not isinstance(content["findings"], list):
        raise complaint("a list of findings is expected", "findings")
    entries: dict[str, AcceptedFinding] = {}
    for index, given in enumerate(content["findings"]):
        entry = _entry(given, complaint, index)
        if entry.fingerprint in entries:
            first = line_at(tree, ["findings", list(entries).index(entry.fingerprint)])
            raise complaint(f"the same finding as in line {first}: leave one of them out", "findings", index)
        entries[entry.fingerprint] = entry
    return Baseline(file, chart, tuple(entries.values()), is_there=True)


def write_baseline(baseline: Baseline) -> None:
    """Write a baseline, whole or not at all, sorted by policy and place.

    Raises:
        InputError: it cannot be written; what was there is as it was.
    """
    entries = sorted(baseline.entries, key=lambda entry: entry.fingerprint)
    content = {"format": _FORMAT, "chart": baseline.chart, "findings": [_document(entry) for entry in entries]}
    write_whole(Path(baseline.file), f"{_HEAD}{go_yaml.dump(content)}".encode())


def _document(entry: AcceptedFinding) -> dict[str, str]:
    needed = {"fingerprint": entry.fingerprint, "severity": entry.severity, "since": entry.since.isoformat()}
    return needed | {key: text for key, text in (("who", entry.who), ("why", entry.why)) if text}


def _check_format(content: Mapping[str, Any], complaint: Complaint) -> None:
    given = content.get("format")
    if isinstance(given, bool) or not isinstance(given, int):
        raise complaint(
            f"this is no baseline: `format: {_FORMAT}` is expected in it", *["format"] * ("format" in content)
        )
    if given > _FORMAT:
        raise complaint(
            f"it is of the format {given}, and this chartgate knows {_FORMAT}: upgrade chartgate to the version that"
            " wrote it",
            "format",
        )
    if given < 1:
        raise complaint(f"there is no format {given}; this chartgate knows {_FORMAT}", "format")


def _check_keys(given: Mapping[str, Any], known: tuple[str, ...], complaint: Complaint, *steps: str | int) -> None:
    for key in given:
        if key not in known:
            meant = near(key, known, 1)
            hint = f"did you mean {meant[0]}?" if meant else f"accepted: {', '.join(known)}"
            raise complaint(f"there is no such key; {hint}", *steps, key)
    for key in known[:3]:
        if key not in given:
            raise complaint(f"{key} is missing", *steps)


def _entry(given: Any, complaint: Complaint, index: int) -> AcceptedFinding:
    place = ("findings", index)
    if not isinstance(given, dict):
        raise complaint("a map with the keys fingerprint, severity and since is expected", *place)
    _check_keys(given, _ENTRY, complaint, *place)
    for key in _ENTRY:
        if not isinstance(given.get(key, ""), str):
            raise complaint("a text is expected", *place, key)
    if not given["fingerprint"].partition(" ")[0].isidentifier():
        raise complaint("a fingerprint begins with the name of a policy, as reports show it", *place, "fingerprint")
    if given["severity"] not in get_args(Severity):
        raise complaint(f"{' or '.join(get_args(Severity))} is expected", *place, "severity")
    try:
        since = datetime.date.fromisoformat(given["since"])
    except ValueError as error:
        raise complaint("a date is expected, such as 2026-11-27", *place, "since") from error
    return AcceptedFinding(given["fingerprint"], given["severity"], since, given.get("who", ""), given.get("why", ""))
