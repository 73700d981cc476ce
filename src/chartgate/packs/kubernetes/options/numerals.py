"""Numerals: the numbers of the values arrive in texts with the digits that they have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from chartgate.charts.chart_values.commented_keys import comments_of
from chartgate.charts.template_texts.key_readers import all_uses
from chartgate.charts.template_texts.marks import number_of, scalars_of, written_marks
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.places import Place
from chartgate.documents.secret_texts.writings import number_writings
from chartgate.documents.shapes import is_whole
from chartgate.documents.walking import Keys, strings
from chartgate.kubernetes.contents import readable_texts
from chartgate.matrix.derivations.derived import accepted, chart_of, with_values
from chartgate.matrix.derivations.marked_values import counts, marked_cases, marks_of, narrowed, told_of
from chartgate.matrix.derivations.switch_turns import all_on
from chartgate.model import Chart, Check, Rendering, Resource, Scenario
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import in_first, of_scenario, put
from chartgate.policy.policy import policy

HEALTHY = """
{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {server.properties: "retention.ms=21600000"}}
---
{apiVersion: v1, kind: Secret, metadata: {name: login}, data: {limit: MjE2MDAwMDA=}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, args: [--retention=21600000]}]}
"""
_FIRST = 1_000_000
"""From here on, Go prints a float with an exponent."""
_EXPONENT = re.compile(r"(?<![0-9A-Za-z_.])-?[1-9](?:\.[0-9]{1,17})?e\+[0-9]{2,3}(?![0-9A-Za-z_])")
_WRITTEN_EXPONENT = re.compile(r"(?<![0-9A-Za-z_.])[0-9]{1,9}(?:\.[0-9]{1,17})?[eE]\+?[0-9]{1,2}(?![0-9A-Za-z_.])")
_MISFORMATTED = re.compile(
    r"%!(?:[A-Za-z]?\((?:float64|int64|int|string|bool|map\[|\[\]interface|<nil>|MISSING|EXTRA|BADINDEX)[^()\n]{0,60}+\)?"
    r"|\(NOVERB\))"
)
_ROUND = "Convert the number before it gets into a text: `{{ int64 .Values.x }}`, or `toJson` for a whole map."
_IN_SMALL_UNITS = re.compile(
    r"bytes?|milli|micro|nano|timestamp|epoch|payload|(?:^|[_-])(?:ms|ns|us|uid|gid)$|run_?as_?(?:user|group)|fs_?group$"
    r"|(?-i:(?:Ms|Ns|Uid|UID|Gid|GID)$)",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(
    r"(?i:seed)$|(?:(?i:accounts?|apps?|application|installation|project|org|organization|tenant|chat|channel|group))_?(?:id|Id|ID)$"
)
"""What other systems number, in many digits."""
_OFTEN_LARGE = re.compile(
    r"size|memory|limit|length|retention|quota|capacity|buffer|offset|age$|ttl|lifetime|expir", re.IGNORECASE
)
_NEVER_LARGE = re.compile(
    r"port|connection|replica|weight|percent|level|verbosity|threshold|priority|code|status|token_?expir", re.IGNORECASE
)
_OF_QUERIES = ("PrometheusRule", "VMRule")
_DIGITS = re.compile(r"(?<![\w.])[0-9]{5,12}+(?![\w.])")
_WITH_A_UNIT = re.compile(r"(?<![\w.])[0-9]++[KMGT]i?+B?+(?!\w)")
"""What a quantity of Kubernetes has, which takes an exponent as well."""
_LARGE = "large"
"""How the name of a scenario ends in which numbers are set that no marked one shows in a text."""
_LARGE_BY_NAME, _LARGE_BY_ITSELF = 3600, 50_000
"""Defaults from which a number may well reach a million: of a size or an age, and of anything."""


@policy(severity="error", remediation=_ROUND)
def integers_keep_their_digits(rendering: Rendering) -> Iterator[Check]:
    """No integer of the values arrives in a text with an exponent, as `2.16e+07` for 21600000.

    Helm reads every number of a values file as a float of 64 bits, and a template prints one of a million and more so.
    The same goes for what `mulf` makes of them. The program that reads it as an integer refuses it, or takes the part
    before the point. A text that has the exponent in the values or in a file of the chart is meant to have it.
    Source: https://pkg.go.dev/fmt (`%v` of a float is `%g`) and https://github.com/helm/helm/issues/1707
    """
    large = _large_integers(rendering)
    meant: set[str] | None = None
    for resource in rendering.forms:
        for address, found in resource.made(_exponents):
            meant = _meant(rendering) if meant is None else meant  # few renderings have any
            if found not in meant and (number := _integer(found)):
                expected = "{}, as {} is".format(*large[found]) if found in large else f"{number}"
                yield states(Place(resource, address, ABSENT), False, expected=expected, actual=found)
        if large:
            yield states(resource.place(), True, expected="the digits of the values")


def _exponents(resource: Resource) -> tuple[tuple[str, str], ...]:
    """Give the numbers with an exponent in the texts of a resource, each with its address."""
    return tuple(
        (join(*keys), found)
        for keys, text in readable_texts(resource)
        if "e+" in text
        for found in sorted(set(_EXPONENT.findall(text)))
    )


def _integer(exponent: str) -> int:
    """Give the number that a text with an exponent is; 0 for one with a fraction."""
    digits, _, power = exponent.partition("e+")
    whole, _, fraction = digits.partition(".")
    more = int(power) - len(fraction)
    return int(whole + fraction) * 10**more if more >= 0 else 0


def _large_integers(rendering: Rendering) -> dict[str, tuple[int, str]]:
    """Give how the large integers of the values would be written with an exponent: the number, and its key."""
    return {
        text: (value, join(*keys))
        for keys, value in scalars_of(rendering.scenario.values)
        if is_whole(value) and abs(value) >= _FIRST
        for text in number_writings(value)
        if _EXPONENT.fullmatch(text)
    }


def _meant(rendering: Rendering) -> set[str]:
    """Give the numbers that have an exponent on purpose: in a text of the values, or in a file of the chart."""
    found = {number for _, text in strings(rendering.scenario.values) for number in _EXPONENT.findall(text)}
    for _, chart in rendering.chart.with_subcharts():
        for content in chart.files.values():
            found.update(_EXPONENT.findall(content.decode("utf-8", "replace")) if b"e+" in content else ())
    for text in _values_files(rendering.chart):
        found.update(*(number_writings(float(number)) for number in _WRITTEN_EXPONENT.findall(text)))
    return found


def _values_files(chart: Chart) -> Iterator[str]:
    """Give the files in which a number may be written as `1e7` already."""
    for _, one in chart.with_subcharts():
        for content in (one.files.get("values.yaml", b""), *one.ci_values.values()):
            yield content.decode("utf-8", "replace")


def _further(renderings: Sequence[Rendering]) -> list[Scenario]:
    """Give what else to render: fewer marks where helm refuses them, then large numbers where no mark is in a text.

    With every switch on, for what is read behind one; also for what is null, or in a comment alone.
    """
    base = renderings[0].scenario
    if base.chart is None:
        return []
    if more := narrowed(renderings):
        return more
    written = {
        mark
        for rendering in renderings[1:]
        for resource in rendering.resources
        for _, mark, _ in resource.made(_marks_written)
    }
    paths = {use.path for use in all_uses(base.chart) if use.action.word != "if"}
    found = {
        address: number_of(address)
        for path in sorted(paths)
        if (_may_be_large(renderings[0], address := join(*path)) or _may_be_given(base, path))
        and str(number_of(address)) not in written
        and not counts(base.chart, path, by_name=not _is_large(lookup(base.values, address)))
    }
    on = all_on([base]) or base
    changes = accepted(on, found)
    return [with_values(on, _LARGE, changes)] if changes else []


@policy(over=marked_cases, explores=_further, severity="warning", remediation=_ROUND)
def integers_may_grow(*renderings: Rendering) -> Iterator[Check]:
    """An integer of the values that is often large, a size, an age or a user, keeps its digits when it is.

    Small defaults hide it: `--max-bytes={{ .Values.maxBytes }}` is right for 65536, and `1.048576e+06` for a million.
    Shown by numbers of seven digits in the place of every integer of the values, and of what is null and holds such
    a one by its name (`seed`, `installationId`) or its comment. What is rendered as a number, and not into a text,
    stays one; queries of Prometheus take an exponent.
    """
    base = renderings[0]
    for rendering in renderings[1:]:
        is_large = rendering.scenario.name.endswith(f".{_LARGE}")
        marks = {mark: a for mark, a in marks_of(rendering).items() if is_large or _may_be_large(base, a)}
        for resource in rendering.resources if marks and not rendering.error else ():
            for keys, mark, writing in resource.made(_marks_written) if resource.kind not in _OF_QUERIES else ():
                if mark in marks:
                    place = Place(resource, join(*keys), ABSENT)
                    expected = f"{mark}, where {marks[mark]} is {mark}"
                    actual = _shown(mark) if writing else mark
                    check = states(place, not writing, expected=expected, actual=actual)
                    yield told_of(base, with_cause(check, f"numbers in {resource.template}"))


def _marks_written(resource: Resource) -> tuple[tuple[Keys, str, str], ...]:
    """Give what may be a mark in a text of a resource, or in what is a text in a Secret."""
    return tuple(
        (keys, mark, writing)
        for keys, text in readable_texts(resource)
        for mark, writing in sorted(set(written_marks(text)))
    )


def _shown(mark: str) -> str:
    return next(text for text in number_writings(int(mark)) if "e+" in text)


def _is_large(value: Any) -> bool:
    return is_whole(value) and value >= _LARGE_BY_ITSELF


def _may_be_given(base: Scenario, path: Keys) -> bool:
    """Tell whether what is null, or named in a comment alone, holds a large integer by its name or that comment."""
    comments, value = comments_of(chart_of(base)), lookup(base.values, join(*path))
    if value is ABSENT and lookup(chart_of(base).own_values, join(*path)) is ABSENT and not comments.name(path):
        return False
    if value not in (None, ABSENT) or _NEVER_LARGE.search(path[-1]):
        return False
    said = comments.said_at(path)
    numbers = [] if _WITH_A_UNIT.search(said) else _DIGITS.findall(said)
    return any(name.search(path[-1]) for name in (_IN_SMALL_UNITS, _OF_OTHERS)) or any(
        int(number) >= _LARGE_BY_ITSELF for number in numbers
    )


def _may_be_large(base: Rendering, address: str) -> bool:
    value = lookup(base.scenario.values, address)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= _FIRST:
        return False  # of a large one, the other policy tells
    name = next((key for key in reversed(steps(address)) if not key.isdecimal()), "")
    if _NEVER_LARGE.search(name):
        return False
    return (
        bool(_IN_SMALL_UNITS.search(name))
        or _is_large(value)
        or (value >= _LARGE_BY_NAME and bool(_OFTEN_LARGE.search(name)))
    )


@policy(
    severity="error",
    remediation="Use the verb that fits (`%s` for texts, `%v`), or convert the value: `int .Values.x`.",
)
def formatted_values_fit_their_verb(rendering: Rendering) -> Iterator[Check]:
    """No text has what Go's `printf` writes for a value that does not fit: `%!d(float64=3)`, `%!s(<nil>)`.

    Numbers of the values are floats, and a value that is not set is nil: `%d` and `%s` fail without an error, and
    whatever reads the text gets that. Source: https://pkg.go.dev/fmt#hdr-Format_errors
    """
    for resource in rendering.forms:
        wrong = resource.made(_misformatted)
        for address, text in wrong:
            yield states(Place(resource, address, ABSENT), False, expected="a formatted value", actual=text)
        if not wrong:
            yield states(resource.place(), True, expected="formatted values")


def _misformatted(resource: Resource) -> tuple[tuple[str, str], ...]:
    found = ((keys, _MISFORMATTED.search(text)) for keys, text in readable_texts(resource) if "%!" in text)
    return tuple((join(*keys), wrong[0]) for keys, wrong in found if wrong)


integers_keep_their_digits.breaks(
    manifests=HEALTHY,
    a_file_has_an_exponent=(
        put("ConfigMap settings", "data[server.properties]", "retention.ms=2.16e+07\n"),
        of_scenario(values={"retentionMs": 21600000}),
    ),
    an_argument_has_an_exponent=(
        put("Deployment web", "spec.template.spec.containers[web].args", ["--retention=2.16e+07"]),
        of_scenario(values={"log": {"retentionMs": 21600000}}),
    ),
    a_secret_has_an_exponent=(
        put("Secret login", "data.limit", "Mi4xNmUrMDc="),
        of_scenario(values={"limits": [1, 21600000]}),
    ),
    a_product_has_an_exponent=(
        put("ConfigMap settings", "data[server.properties]", "max.bytes=8.388608e+07\n"),
        of_scenario(values={"pages": 20480}),
    ),
)
integers_may_grow.breaks(
    manifests=HEALTHY,
    a_limit_grows=(
        in_first(of_scenario(values={"maxBytes": 65536})),
        put("ConfigMap settings", "data[server.properties]", f"max.bytes={_shown(str(number_of('maxBytes')))}\n"),
        of_scenario(values={"maxBytes": number_of("maxBytes")}, name="literal.marked", is_trial=True),
    ),
)
formatted_values_fit_their_verb.breaks(
    manifests=HEALTHY,
    a_float_is_no_integer=put("ConfigMap settings", "data[server.properties]", "workers=%!d(float64=3)"),
    a_value_is_not_set=put("Deployment web", "metadata.annotations.host", "%!s(<nil>).example.com"),
    a_value_is_missing=put("Secret login", "data.limit", "JSFkKE1JU1NJTkcp"),
)
