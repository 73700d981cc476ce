"""Several values: what templates render under several conditions at once is whole, which no ci file comes to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.charts.chart_values.filled_values import FILLED
from chartgate.documents.addresses import ABSENT
from chartgate.documents.json_documents.equality import same
from chartgate.documents.walking import nodes
from chartgate.documents.words import listed
from chartgate.matrix.derivations.unreached import unreached
from chartgate.model import Check, Rendering
from chartgate.policy.checks import chart_states, with_cause
from chartgate.policy.edits import of_chart, of_rendering, of_scenario, put
from chartgate.policy.policy import policy

from ..api_server.agreement import fields_of_networks_go_together
from ..crashes import crash_of
from ..filled import is_of_alternatives, text_of
from ..healthy.release import HEALTHY
from ..newly import new_findings, of_the_chart
from .switch_judges import JUDGES, SOURCES, is_of_switch
from .switch_users import is_of_users

_LINE = re.compile(r"line \d++")
_MOST = 4
"""Values that a finding names."""


@policy(
    over=unreached,
    severity="error",
    remediation="Set these values together in one file in ci/, and look at what the template prints below them.",
)
def what_several_values_bring_is_whole(before: Rendering, after: Rendering, *between: Rendering) -> Iterator[Check]:
    """What a template renders only where several values go together, which no ci file sets, is whole.

    A switch, a word and a list that is empty by default: what is below all of them is rendered for those alone who set
    all of them, a StatefulSet in place of the Deployment with users of their own, a Secret of servers. Values are those
    that comments show, or what keys of that name take; those that a template refuses in words are fine, and of objects
    that users have, nothing is said. Judged by the policies that judge each scenario, as far as the templates go
    that read several of them; what a port of the nodes is for, its user says.
    Source: https://github.com/helm/chart-testing#configuration (ci files are what is tried)
    """
    crash = "" if before.error else crash_of(after)
    named = [k for k in after.scenario.changes if f".Values.{k}" in crash] or [*after.scenario.changes]
    expected = "rendered, or refused in words" if crash else "refused" if after.error else "rendered"
    if not crash or all(crash != crash_of(one) for one in between):
        check = chart_states("values.yaml", listed(named, _MOST), expected=expected, actual=crash or expected)
        yield with_cause(check, _LINE.sub("line", crash)) if crash else check
    if before.error or after.error:
        return
    found = list(_found(before, after))
    fewer = () if all(check.passed for check in found) else (one for one in between if not one.error)
    known = {_place(check) for one in fewer for check in _found(before, one) if not check.passed}
    yield from (check for check in found if check.passed or _place(check) not in known)


def _place(check: Check) -> tuple[str, str]:
    return check.template, check.path


def _found(before: Rendering, after: Rendering) -> Iterator[Check]:
    given = after.scenario.changes
    for judge in (judge for judge in (*JUDGES, *SOURCES) if judge is not fields_of_networks_go_together):
        for check in new_findings((judge,), before, after):
            if check.passed:
                yield check
            elif (
                _reads_several(check, after)
                and is_of_switch(judge, check, after)
                and of_the_chart(check, given)
                and not is_of_users(check, after, is_source=False, unread=True)
                and not _is_given(check, after)
                and not is_of_alternatives(check, given)
            ):
                yield with_cause(check, f"{check.template}: {judge.name}")


def _reads_several(check: Check, after: Rendering) -> bool:
    """Tell whether the template reads several of the values: what one of them brings elsewhere is told of that one."""
    read = [key for key in after.scenario.changes if f".Values.{key}" in text_of(after, check.template)]
    return len(read) >= min(2, len(after.scenario.changes))


def _is_given(check: Check, after: Rendering) -> bool:
    """Tell whether a finding is about what was given: it is there as it is, or has its name from it."""
    resource = next((one for one in after.resources if one.subject == check.subject), None)
    found = resource.at(check.path) if resource and check.path else None
    if isinstance(found, str) and check.is_of_key:
        return False
    is_there = found not in (None, ABSENT, "", {}, []) and any(
        same(found, value) for keys, value in nodes(dict(after.scenario.changes)) if keys
    )
    return is_there or FILLED in f"{check.path} {check.actual}"


what_several_values_bring_is_whole.breaks(
    manifests=HEALTHY,
    the_port_goes_away=put("Service web", "spec.ports[http].targetPort", "web"),
    it_is_no_yaml_then=(
        of_scenario(changes={"tls.enabled": True, "tls.from": "secret"}, is_trial=True),
        of_chart(defaults={"tls": {"enabled": False, "from": ""}}),
        of_rendering(
            error="Error: YAML parse error on web/templates/web.yaml: error converting YAML to JSON: yaml: "
            "line 7: no key"
        ),
    ),
)
