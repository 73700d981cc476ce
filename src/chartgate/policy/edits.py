"""Edits: a small change to what was rendered, as data, by which a counterexample breaks it.

    put("Deployment web", "spec.replicas", 0)                        a value, whatever was there
    gone("Deployment web", "spec.template.spec.containers[web].livenessProbe")
    gone("Secret shop/login")                                        the whole object
    append("Role reader", "rules[0].verbs", "delete")                one item more
    reworded("ConfigMap web", "data[web.conf]", "listen 80", "listen 81")
    added(MANIFEST)                                                  one object more
    printed(TEXT)                                                    whatever a template prints more
    in_values("metrics.enabled", True)                               a default of values.yaml
    in_template(TEXT)                                                the text of the only template of the chart
    of_chart(metadata={"appVersion": "9.9.9"})                       other fields of the chart
    of_scenario(changes={"tls.enabled": True})                       other fields of the scenario
    remade(FUNCTION)                                                 what a function makes of the rendering
    in_first(EDIT), in_each(EDIT)                                    of two renderings: the first, both of them

An object is named as in reports, `Kind name` or `Kind namespace/name`, and changed as the hooks leave it. An address
goes on into the YAML that a text holds, as in findings: `data[app.yaml].server.port`. Of several renderings that a
policy compares, the last one is changed.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chartgate.documents.addresses import ABSENT, child, position, steps
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.model import Flaw, Missing, Rendering, Resource, Resources
from chartgate.rendering.manifests import parse, read_output


@dataclass(frozen=True)
class Edit:
    """One change: to which object, at which address, and what it makes of the value there."""

    target: str
    address: str
    change: Callable[[Any], Any]
    """From the value that is there, or ABSENT, to the new one, or ABSENT for none."""
    of: Literal["last", "first", "each"] = "last"
    """Which of the renderings it changes: the last, what comes before it, or each."""

    def apply_to(self, renderings: Sequence[Rendering]) -> list[Rendering]:
        """Change those of several renderings that it is for; give all of them back."""
        *others, last = renderings
        return [
            *(others if self.of == "last" else map(self.apply, others)),
            last if self.of == "first" else self.apply(last),
        ]

    def apply(self, rendering: Rendering) -> Rendering:
        """Change a rendering, which must be a deep copy; give it back.

        Raises:
            InputError: there is no such object, or nothing at that address that can be changed so.
        """
        if self.target == _VALUES:
            _changed(rendering.chart.defaults, steps(self.address), self)
            return rendering
        if self.target == _OUTPUT:
            new: Rendering = self.change(rendering)
            return new
        resource = _found(self.target, rendering.after_hooks)
        if self.address:
            _changed(resource.manifest, steps(self.address), self)
        elif self.change(resource.manifest) is not ABSENT:
            raise InputError(f"an edit of {self.target} has no address: it would replace the whole object")
        else:
            for resources in (rendering.resources, rendering.after_hooks):
                resources[:] = [other for other in resources if other.identity != resource.identity]
        return rendering


_VALUES = "values.yaml"
_OUTPUT = "helm's output"


def put(target: str, address: str, value: Any) -> Edit:
    """Set the value at an address; maps that lead to it are made where they are not there."""
    return Edit(target, address, lambda _: copy.deepcopy(value))


def gone(target: str, address: str = "") -> Edit:
    """Take away the value at an address; the whole object without one."""
    return Edit(target, address, lambda _: ABSENT)


def append(target: str, address: str, item: Any) -> Edit:
    """Add an item to the end of the list at an address; the list is made where there is none.

    Applying it raises InputError where something else is there.
    """

    def change(there: Any) -> list[Any]:
        if there is not ABSENT and not isinstance(there, list):
            raise InputError(f"{target} has no list at {address}")
        return [*(there if isinstance(there, list) else ()), copy.deepcopy(item)]

    return Edit(target, address, change)


def reworded(target: str, address: str, old: str, new: str) -> Edit:
    """Replace a part of the text at an address, wherever it is in it.

    Applying it raises InputError where the text does not have that part.
    """

    def change(there: Any) -> str:
        if not isinstance(there, str) or old not in there:
            raise InputError(f"{target} has no text with {old!r} at {address}")
        return there.replace(old, new)

    return Edit(target, address, change)


def added(manifest: str, template: str = "literal/templates/all.yaml") -> Edit:
    """Add an object, written as YAML; without a namespace of its own it lands in the release's."""

    def change(rendering: Rendering) -> Rendering:
        made = parse(_from_template(manifest, template), rendering.scenario.namespace)
        if len(made) != 1:
            raise InputError(f"an edit adds {len(made)} objects: write one added(...) for each")
        return _with_output(rendering, made, ())

    return Edit(_OUTPUT, "", change)


def printed(text: str, template: str = "literal/templates/all.yaml") -> Edit:
    """Add what a template may print and what is perhaps no sound object; what is one lands among the others."""

    def change(rendering: Rendering) -> Rendering:
        return _with_output(
            rendering, *copy.deepcopy(read_output(_from_template(text, template), rendering.scenario.namespace))
        )

    return Edit(_OUTPUT, "", change)


def _from_template(text: str, template: str) -> str:
    return f"---\n# Source: {template}\n{text}\n"


def _with_output(rendering: Rendering, found: Resources, flaws: tuple[Flaw, ...]) -> Rendering:
    rendering.after_hooks.extend(found)
    if rendering.resources is not rendering.after_hooks:
        rendering.resources.extend(found)
    return dataclasses.replace(rendering, flaws=(*rendering.flaws, *flaws))


def in_values(address: str, value: Any) -> Edit:
    """Give a key of values.yaml another default."""
    return Edit(_VALUES, address, lambda _: copy.deepcopy(value))


def in_template(text: str, **fields: Any) -> Edit:
    """Give the chart one template, and other fields (`own_values`) where any are named."""
    return of_chart(templates={"templates/web.yaml": text}, **fields)


def of_chart(**fields: Any) -> Edit:
    """Give the chart other fields, as `dataclasses.replace` does."""
    return remade(lambda one: dataclasses.replace(one, chart=dataclasses.replace(one.chart, **fields)))


def of_scenario(**fields: Any) -> Edit:
    """Give the scenario other fields, as `dataclasses.replace` does."""
    return remade(lambda one: dataclasses.replace(one, scenario=dataclasses.replace(one.scenario, **fields)))


def of_rendering(**fields: Any) -> Edit:
    """Give the rendering other fields (`error`, `warnings`), as `dataclasses.replace` does."""
    return remade(lambda one: dataclasses.replace(one, **fields))


def remade(change: Callable[[Rendering], Rendering]) -> Edit:
    """Make of a rendering, a deep copy, what a function makes of it."""
    return Edit(_OUTPUT, "", change)


def in_first(edit: Edit) -> Edit:
    """Change the rendering before the last one, in place of that."""
    return dataclasses.replace(edit, of="first")


def in_each(edit: Edit) -> Edit:
    """Change each of the renderings that a policy compares."""
    return dataclasses.replace(edit, of="each")


def _found(target: str, resources: Resources) -> Resource:
    kind, _, name = target.partition(" ")
    namespace, slash, rest = name.partition("/")
    try:
        return resources.one(kind, rest, namespace) if slash else resources.one(kind, name)
    except Missing as missing:
        raise InputError(f"an edit of {target}: {missing}") from missing


def _changed(there: Any, below: list[str], edit: Edit) -> Any:
    """Give what is there with the change made below it, in place; YAML in a text is read and written again."""
    if not below:
        return edit.change(there)
    if isinstance(there, str):
        document = go_yaml.load(there, edit.address)
        return go_yaml.dump(_changed(None if isinstance(document, str) else document, below, edit))
    step, *rest = below
    key: Any = step if isinstance(there, dict) else position(there, step) if isinstance(there, list) else None
    old = child(there, step)
    if key is not None:
        is_to_be_made = old is ABSENT and rest and isinstance(there, dict)
        new = _changed({} if is_to_be_made else old, rest, edit)
        if new is not ABSENT:
            there[key] = new
            return there
        if old is not ABSENT:
            del there[key]
            return there
    raise InputError(f"an edit of {edit.target}: there is nothing at {edit.address}")
