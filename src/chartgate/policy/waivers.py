"""Whether a waiver still accepts something."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

from chartgate.model import Scenario, Waiver
from chartgate.policy.policy import Policy
from chartgate.policy.verdicts import RenderingOf, judge


def waiver_problem(
    waiver: Waiver, policies: Sequence[Policy], today: datetime.date, is_used: Callable[[], bool]
) -> str:
    """Say what is wrong with a waiver: its policy is unknown, it has expired, or it accepts nothing; else nothing."""
    if all(policy.name != waiver.policy for policy in policies):
        return f"there is no policy {waiver.policy!r} to waive a finding of"
    if waiver.is_expired(today):
        return f"it expired on {waiver.expires}: mend what it accepts, or let {waiver.owner} decide anew"
    return "" if is_used() else "it accepts no finding in any scenario: take it out of the matrix"


def accepts_something(
    waiver: Waiver, policies: Sequence[Policy], scenarios: Sequence[Scenario], rendering_of: RenderingOf
) -> bool:
    """Tell whether a waiver accepts at least one finding of its policy; stops at the first case with one."""
    cases = ((policy, case) for policy in policies if policy.name == waiver.policy for case in policy.cases(scenarios))
    return any(judge(policy, case, rendering_of, [waiver]).waived for policy, case in cases)
