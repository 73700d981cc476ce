"""A first policy of a chart's own: what holds in every scenario today, with the changes that it must notice."""

from __future__ import annotations

import keyword
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from chartgate.documents.addresses import lookup
from chartgate.documents.yaml_texts import go_yaml
from chartgate.model import Chart, Rendering, Resource
from chartgate.starting.found_switches import Switch
from chartgate.starting.start import StartingMatrix

_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "Pod")
_WIDTH = 100


@dataclass(frozen=True)
class FirstPolicy:
    """A module with one policy."""

    family: str
    """The module's name."""
    name: str
    text: str


def first_policy(chart: Chart, start: StartingMatrix, renderings: Sequence[Rendering]) -> FirstPolicy | None:
    """Give a policy on the templates that follow a toggle; else on one that always renders something; None for neither.

    Args:
        chart: what was rendered; only its own templates count.
        start: the toggles.
        renderings: of every scenario of the matrix, none of them refused.
    """
    by_name = {rendering.scenario.name: rendering for rendering in renderings}
    for name, switch in sorted(start.toggles.items(), key=lambda item: -len(item[1].makes.added)):
        templates = _own_templates(chart, switch.makes.added)
        following = [template for template in templates if _follows(template, switch, renderings)]
        missing = _example(following, by_name["all_on"])
        if following and missing:
            return _of_switch(chart, name, switch, following, missing)
    return _of_what_is_always_there(chart, renderings)


def _own_templates(chart: Chart, resources: Sequence[Resource]) -> list[str]:
    """Give the files below templates/ of the chart itself that resources are from."""
    top = f"{chart.name}/templates/"
    found = (each.template.removeprefix(top) for each in resources if each.template.startswith(top))
    return list(dict.fromkeys(found))


def _follows(template: str, switch: Switch, renderings: Sequence[Rendering]) -> bool:
    """Tell whether a template renders something exactly where a switch is on."""
    return all(
        bool(rendering.resources.from_template(template)) is lookup(rendering.scenario.values, switch.address)
        for rendering in renderings
    )


def _example(templates: Sequence[str], rendering: Rendering) -> Resource | None:
    """Give a resource that is the only one of its template, and the only one of its kind and name."""
    for template in templates:
        made = rendering.resources.from_template(template)
        if len(made) == 1 and len(rendering.resources.named(made[0].kind, made[0].name)) == 1:
            return made[0]
    return None


def _of_switch(chart: Chart, name: str, switch: Switch, templates: Sequence[str], missing: Resource) -> FirstPolicy:
    function = f"{identifier(name)}_follows_its_switch"
    manifest = {"apiVersion": missing.manifest["apiVersion"], "kind": missing.kind, "metadata": {"name": "left-over"}}
    return FirstPolicy(
        "switches",
        function,
        f'''"""What the switches of {prose(chart.name)} bring, and nothing of it while they are off."""

{_imports("added, gone")}

TEMPLATES = {_list(templates)}


@policy(
    severity="error",
    remediation={_text(f"Guard the whole template with `.Values.{switch.address}`.")},
)
def {function}(rendering: Rendering) -> Iterator[Check]:
    """These templates render something exactly while {prose(switch.address)} is true.

    What is left over of a feature that is off costs something that nobody asked for; what is missing
    of one that is on breaks those who rely on it.
    """
    wanted = rendering.scenario.value({_text(switch.address)})
    for template in TEMPLATES:
        yield template_renders(rendering, template, wanted=wanted)


# A policy is proved by what it must notice: a small change to what a scenario renders.
{function}.breaks(
    "off",
    something_is_left_over=added(
        {_text(go_yaml.dump_line(manifest))},
        {_text(missing.template)},
    ),
)
{function}.breaks(
    "all_on",
    something_is_missing=gone({_text(f"{missing.kind} {missing.name}")}),
)
''',
    )


def _of_what_is_always_there(chart: Chart, renderings: Sequence[Rendering]) -> FirstPolicy | None:
    first = renderings[0]
    always = [
        template
        for template in _own_templates(chart, first.resources)
        if all(rendering.resources.from_template(template) for rendering in renderings)
    ]
    # What runs the software says most about the chart.
    always.sort(key=lambda template: _rank(first, template))
    missing = _example(always, first)
    if missing is None:
        return None
    [template] = _own_templates(chart, [missing])
    function = f"{identifier(missing.kind.lower())}_is_always_there"
    return FirstPolicy(
        "essentials",
        function,
        f'''"""What {prose(chart.name)} is nothing without."""

{_imports("gone")}


@policy(
    severity="error",
    remediation={_text(f"Render templates/{template} whatever the values are.")},
)
def {function}(rendering: Rendering) -> Iterator[Check]:
    """{prose(template)} renders something, whatever is switched on or off.

    Who installs the chart expects it; a condition around the whole template takes it away from some of them.
    """
    yield template_renders(rendering, {_text(template)}, wanted=True)


# A policy is proved by what it must notice: a small change to what a scenario renders.
{function}.breaks(
    {_text(first.scenario.name)},
    it_is_missing=gone({_text(f"{missing.kind} {missing.name}")}),
)
''',
    )


def _rank(rendering: Rendering, template: str) -> int:
    kinds = {resource.kind for resource in rendering.resources.from_template(template)}
    return min((_WORKLOADS.index(kind) for kind in kinds if kind in _WORKLOADS), default=len(_WORKLOADS))


def _imports(edits: str) -> str:
    return f"""from __future__ import annotations

from collections.abc import Iterator

from chartgate.model import Check, Rendering
from chartgate.policy.checks import template_renders
from chartgate.policy.edits import {edits}
from chartgate.policy.policy import policy"""


def _list(texts: Sequence[str]) -> str:
    """Write a list of texts as Python, in one line where it is short."""
    line = f"[{', '.join(map(_text, texts))}]"
    if len(line) <= _WIDTH - len("TEMPLATES = "):
        return line
    return "[\n" + textwrap.indent("".join(f"{_text(text)},\n" for text in texts), "    ") + "]"


def _text(text: str) -> str:
    """Write a text as Python, in double quotes where it has none."""
    return repr(text) if '"' in text or "\\" in text else f'"{text}"' if text.isprintable() else repr(text)


def prose(text: str) -> str:
    """Give a name as a part of a docstring, which nothing in it ends."""
    return "".join(letter if letter.isprintable() and letter not in '"\\' else "?" for letter in text)


def identifier(name: str) -> str:
    """Give a name as Python may have it: `ingress-nginx` is `ingress_nginx`."""
    found = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name.lower())
    return f"chart_{found}" if not found[:1].isalpha() or keyword.iskeyword(found) else found
