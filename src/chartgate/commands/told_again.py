"""A run of `chartgate check` that would say what an earlier one said: nothing has changed that it would ask for.

Only what was green is kept, and told to the very same command: its words, its folder, its environment, its day. Then
each answer that the earlier run got has to be the same now. What this needs is imported before anything else is.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chartgate.commands.streams import Report, has_terminal, write_reports
from chartgate.system.answers import Answers, hold
from chartgate.system.code_digests import engine_digest
from chartgate.system.store import key_of, run_store

if TYPE_CHECKING:
    from chartgate.gate.gate import Gate
    from chartgate.gate.results.outcome import Outcome

_OF_SHELLS = ("_", "OLDPWD", "SHLVL")
"""Variables that shells change from one command to the next."""
_DAY = 86_400
_EPOCH = 719_163
"""The number of the first day in Unix's time, as Python counts days."""


def is_told_again(words: Sequence[str]) -> bool:
    """Say what an earlier run of this command said, if nothing has changed since; tell whether it was said.

    Raises:
        InputError: a report cannot be written.
    """
    if "--no-cache" in words:
        return False
    try:
        key = _key(words, int(time.time() // _DAY))
    except OSError:  # there is no current folder
        return False
    with contextlib.closing(run_store()) as store:
        content = store.get(key)
    try:
        kept = json.loads(content or b"null")
        answers = {(question, path): answer for question, path, answer in kept["answers"]} if kept else {}
        if not kept or not hold(answers) or kept["engine"] != engine_digest():
            return False
        reports = [Report(str(file), str(text), bool(is_of_terminal)) for file, text, is_of_terminal in kept["reports"]]
    except (ValueError, KeyError, TypeError):
        return False
    write_reports(reports)
    return True


def keep_reports(
    words: Sequence[str], gate: Gate, outcome: Outcome, answers: Answers, reports: Sequence[Report]
) -> None:
    """Keep what a green run says, which leaves nothing else behind, for the next one of the same command."""
    # What a green run finds has its lines where somebody reads them, and which of them have changed, git alone knows.
    if outcome.is_red or (outcome.findings and gate.finds_lines_of == "all") or not hold(answers):
        return
    known = [(*question, answer) for question, answer in answers.items()]
    key = _key(words, gate.today.toordinal() - _EPOCH)
    gate.memory.keep_run(key, gate.policies, {"answers": known, "reports": reports})


def _key(words: Sequence[str], day: int) -> str:
    variables = sorted((name, value) for name, value in os.environ.items() if name not in _OF_SHELLS)
    return key_of("told", list(words), os.getcwd(), variables, has_terminal(), day)  # noqa: PTH109
