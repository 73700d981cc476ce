"""Ternaries: `ternary` gives its first value where the condition holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.charts.template_texts.template_actions import actions
from chartgate.model import Chart, Check
from chartgate.policy.edits import in_template
from chartgate.policy.policy import THE_CHART, policy
from chartgate.policy.template_checks import WrongLine, template_checks

from ..healthy.config_map import HEALTHY

_SIDE = r'(?:"[^"\\]*+"|[.$][\w.]*+|\w++)'
_CONDITION = r"(?P<condition>[.$][\w.]*+)"
_LAST = re.compile(rf"\bternary\s++(?P<yes>{_SIDE})\s++(?P<no>{_SIDE})\s++{_CONDITION}(?![\w.(])")
_PIPED = re.compile(rf"(?:\A-?\s*+|[(=]\s*+){_CONDITION}\s*+\|\s*+ternary\s++(?P<yes>{_SIDE})\s++(?P<no>{_SIDE})")
_BRANCHES = re.compile(
    r"\{\{-?\s*+if\s++(?P<condition>[^{}\n]{1,200}+)\}\}\s*+(?P<yes>\w{1,20}+)(?:://)?+\s*+"
    r"\{\{-?\s*+else\s*+-?\}\}\s*+(?P<no>\w{1,20}+)(?:://)?+\s*+\{\{-?\s*+end\b"
)
"""A condition between two words."""
_PATH, _OF_TLS = re.compile(r"[.$][\w.]*+"), re.compile(r"tls|ssl|https", re.IGNORECASE)
_TURNS = re.compile(r"\b(?:not|ne|false|empty|and|or)\b")
_SECURE = re.compile(r"(?:tls|ssl|https|secure)(?:[._]?enabled?)?\Z", re.IGNORECASE)
_NOT = re.compile(r"(?:in|non|un|not|no|disable|skip)[._-]?(?:tls|ssl|https|secure)", re.IGNORECASE)
_PAIRS = {
    *(("http", "https"), ("ws", "wss"), ("80", "443"), ("redis", "rediss"), ("tcp", "tls"), ("grpc", "grpcs")),
    *(("amqp", "amqps"), ("mqtt", "mqtts"), ("ldap", "ldaps"), ("5672", "5671"), ("1883", "8883"), ("389", "636")),
    *(("plaintext", "ssl"), ("plaintext", "tls"), ("sasl_plaintext", "sasl_ssl"), ("plain", "tls")),
    *(("disable", "require"), ("disable", "verify-full"), ("disable", "verify-ca"), ("8080", "8443")),
}
"""What is for a plain connection, and for one by TLS."""
_SWITCH = re.compile(r"(?P<section>[.$][\w.]*\w)\.(?:enabled|create)\Z")


@policy(
    over=THE_CHART,
    severity="error",
    remediation="Turn the two values around: `ternary VALUE_IF_TRUE VALUE_IF_FALSE CONDITION`.",
)
def ternaries_have_their_sides(chart: Chart) -> Iterator[Check]:
    """No `ternary`, and no `if` between two words, gives what is for TLS, or of a switch's section, where that is off.

    `ternary "http" "https" .Values.tls.enabled` is plain where TLS is on; so is the least number of an autoscaler
    where there is none. Read from the templates' text. Source: https://masterminds.github.io/sprig/defaults.html
    """
    yield from template_checks(chart, "the value for true first", _turned)


def _turned(chart: Chart) -> Iterator[WrongLine]:
    for name, text in sorted(chart.templates.items()):
        for action in actions(text):
            for ternary in (each for pattern in (_LAST, _PIPED) for each in pattern.finditer(action.text)):
                if _is_turned(ternary["condition"], ternary["yes"], ternary["no"]):
                    says = f": {ternary['yes']} where {ternary['condition']} is true"
                    yield WrongLine(f"{name} {ternary[0].strip()}", name, action.line, says)

        for branches in _BRANCHES.finditer(text) if "else" in text else ():
            condition = branches["condition"]
            words = [".".join(path.split(".")[-2:]) for path in _PATH.findall(condition)]
            is_turned = _TURNS.search(condition) or _NOT.search(condition)
            is_of_tls = not is_turned and any(map(_OF_TLS.search, words))
            if is_of_tls and (branches["yes"].lower(), branches["no"].lower()) in _PAIRS:
                line = text.count("\n", 0, branches.start()) + 1
                yield WrongLine(
                    f"{name} {branches[0]}", name, line, f": {branches['yes']} where {condition.strip(' -')}"
                )


def _is_turned(condition: str, yes: str, no: str) -> bool:
    """Tell whether the second value of a `ternary` is the one that its condition is about, and the first is not."""
    is_of_tls = _SECURE.search(condition) and not _NOT.search(condition)
    if is_of_tls and (yes.strip('"').lower(), no.strip('"').lower()) in _PAIRS:
        return True
    switch = _SWITCH.match(condition)
    return (
        switch is not None and _is_of(no, switch["section"]) and not _is_of(yes, switch["section"]) and yes[:1] in ".$"
    )


def _is_of(value: str, section: str) -> bool:
    return value.startswith(f"{section}.")


ternaries_have_their_sides.breaks(
    manifests=HEALTHY,
    plain_where_tls_is_on=in_template('scheme: {{ ternary "http" "https" .Values.web.tls.enabled }}'),
    a_plain_word_where_tls_is_on=in_template("{{ if .Values.web.tls -}}\nhttp\n{{- else -}}\nhttps\n{{- end }}"),
    the_section_of_the_switch_is_last=in_template(
        "{{ $auto := .Values.scaling }}replicas: {{ $auto.enabled | ternary .Values.replicas $auto.least }}"
    ),
)
