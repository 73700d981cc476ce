"""What is filled into a chart's values, and where it comes out: the objects, the files, the templates that read it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from chartgate.charts.chart_values.commented_keys import comments_of
from chartgate.charts.chart_values.filled_values import ARGUMENTS, FILLED, MOUNTS, NAMES_OF_OBJECTS, OBJECTS
from chartgate.charts.template_texts.template_actions import actions
from chartgate.charts.template_texts.template_reads import reads
from chartgate.documents.addresses import join, steps
from chartgate.documents.shapes import map_of
from chartgate.documents.walking import nodes, printed_by_go, strings
from chartgate.documents.words import listed
from chartgate.kubernetes.links.object_references import pull_secrets
from chartgate.kubernetes.pods.workloads import containers_if_any, containers_of_both, pod_if_any
from chartgate.kubernetes.programs.flags import are_single_words
from chartgate.kubernetes.validity.bundled_schemas import newest_misfits
from chartgate.matrix.derivations.filled_keys import AS_SHOWN
from chartgate.model import AskedObject, Chart, Check, Rendering, Resource, in_both
from chartgate.policy.checks import chart_states, states, with_cause

from .newly import of_the_chart

_OF_TWO_FORMS = ("imagepullsecrets", "pullsecrets")
"""Lists of names in some charts, and of maps with a name in others: where all readers agree, only the place counts."""
_ARE_TEXTS = re.compile(r"pullsecrets: (?:\[ ?+)?+[\w.-]++(?!:)", re.IGNORECASE)
"""A list of names, in a comment whose dashes are gone."""
NO_OBJECT = "string, where the schema has object"
"""What is wrong with an item of such a list, `- {{ . }}`, whichever of both forms it was filled with."""
_SHOWS_BOTH = re.compile(r"^[ \t]*+#[^\n]*\b(?:pathType|serviceName):", re.MULTILINE)
"""An example of paths, beside one for older clusters, or that one alone."""
_OF_OLD_PATHS = re.compile(r"'pathType'|\bservice(?:Name|Port)\b")
_MOST, _SHORTEST = 4, 3
"""Keys that a finding names, and letters that a field is known by."""
_PRINTED, _AS_ONE = "map[", " ".join(ARGUMENTS)
"""How Go prints a map where a text belongs."""
_LABELS_ALONE = "matchLabels.matchLabels"
"""Where a template prints the labels of a selector that a key of that name takes in some charts."""
_BY_NUMBER = (f"-0={ARGUMENTS[0]}", f"--0={ARGUMENTS[0]}")
FITS = "still an object that the API server takes, once these are filled"
_WITH_PORTS = ("Service", "Deployment", "StatefulSet", "DaemonSet")
_BROUGHT = ("ConfigMap", "Secret", "PersistentVolumeClaim", "ServiceAccount")
_FIELD = re.compile(r"(?<![\w$.)])\.([a-z]\w*+)")


def own_objects(before: Rendering, after: Rendering, new: Mapping[str, Any]) -> Iterator[Check]:
    """Expect all objects that users add beside those of the chart, where it renders any of them, or knows the key."""
    keys = [key for key, value in new.items() if value == OBJECTS]
    there = {resource.name for resource in after.resources} - {resource.name for resource in before.resources}
    if keys and not there.issuperset(NAMES_OF_OBJECTS) and read_by(keys, "".join(after.chart.templates.values())):
        told = f"{listed([n for n in NAMES_OF_OBJECTS if n in there], 2) or 'none'} of {' and '.join(NAMES_OF_OBJECTS)}"
        yield chart_states("values.yaml", ", ".join(keys), expected="each of two objects is rendered", actual=told)


def printed_once(before: Rendering, after: Rendering, new: Mapping[str, Any]) -> Iterator[Check]:
    """Expect that no list has what was filled in more often than keys have it, but for what is there anyway."""
    given = [item for value in new.values() if isinstance(value, list) for item in value if isinstance(item, dict)]
    lists = [value for r in before.resources if given for _, value in nodes(r.manifest) if isinstance(value, list)]
    wanted = [i for n, i in enumerate(given) if i not in given[:n] and all(i not in there for there in lists)]
    for resource in after.resources if wanted else ():
        for keys, found in nodes(resource.manifest):
            for item in wanted if isinstance(found, list) and len(found) > 1 else ():
                # A key that templates print into one list twice makes two of one.
                if (times := found.count(item)) > given.count(item):
                    check = states(resource.place(join(*keys)), False, expected="once", actual=f"{times} times")
                    yield with_cause(check, f"printed {check.actual}")


def glued(before: Rendering, after: Rendering) -> Iterator[Check]:
    """Expect arguments that users add to be items of their own, and not part of the one before them."""
    for was, resource in in_both(before.resources, after.resources):
        for old, container in containers_of_both(was, resource):
            for field in ("args", "command"):
                words = {place.text for place in (old / field).texts() if " " not in place.text}
                for place in (container / field).texts():
                    first, space, _ = place.text.partition(" ")
                    if space and first and first in words and FILLED in place.text.lower():
                        yield states(place, False, expected=f"{first}, and what is added as items of their own")


def text_of(rendering: Rendering, template: str) -> str:
    """Give the text of a template of the chart, by the path that helm prints."""
    return rendering.chart.files.get(template.partition("/")[2], b"").decode("utf-8", "replace")


def line_of(rendering: Rendering, template: str, number: int) -> str:
    lines = text_of(rendering, template).splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""


def read_by(keys: Iterable[str], text: str) -> list[str]:
    """Give those of the keys whose last name is in a text: what is wrong with it comes from one of them."""
    return [key for key in keys if (steps(key) or [key])[-1] in text]


def has_own_form(sample: Any, key: str, chart: Chart) -> bool:
    """Tell whether templates go through a list and read fields of its items that Kubernetes' own do not have."""
    known = {name for item in sample for name in item} if isinstance(sample, list) else set()
    inside = (
        action.text
        for text in chart.templates.values()
        for action in actions(text)
        for condition in action.conditions[-1:]
        if condition.startswith("range") and condition.rpartition(".Values.")[2].strip() == key
    )
    return bool(known) and not known.issuperset(name for text in inside for name in _FIELD.findall(text))


def robbed(before: Rendering, after: Rendering) -> Iterator[Check]:
    """Check that no container lost what it has: what is printed behind one that users add belongs to that one."""
    for was, resource in in_both(before.resources, after.resources):
        own, now = ({c.name: c for c in containers_if_any(one)} for one in (was, resource))
        if own and len(now) > len(own):
            for name, container in now.items():
                lost = sorted(own[name].value.keys() - container.value.keys()) if name in own else []
                expected, actual = "all that it has without the other", f"{listed(lost, 4)} is of the other one"
                yield states(container, not lost, expected=expected, actual=actual if lost else expected)


def is_of_chart(check: Check, after: Rendering, new: Mapping[str, Any]) -> bool:
    """Tell whether what is missing is the chart's to make: its name is not given, nor is it brought beside a switch."""
    if check.path.endswith(".targetPort") and names_port(str(check.actual), after):
        return False
    if not check.asked:
        return True
    if after.scenario.name.endswith(AS_SHOWN) and _is_made_otherwise(check.asked, after):
        return False
    asked = {read.path for read in reads(after.chart)}
    found = ((tuple(steps(key)), new[key]) for key in read_by(list(new), text_of(after, check.template)))
    inside = ((above + keys, node) for above, value in found for keys, node in nodes(value, lists=False))
    has_switch = any(isinstance(node, bool) and path in asked for path, node in inside)
    return of_the_chart(check, new) and not (has_switch and check.asked.kind in _BROUGHT)


def is_of_alternatives(check: Check, shown: Mapping[str, Any]) -> bool:
    """Tell whether a finding is that comments show two keys of which users take one, or one item or name for two.

    So is it where they show of a probe only how often it asks.
    """
    if check.path.endswith("Probe") and check.actual == "none of them":
        return True
    item = str(check.actual).partition(" more than once")[0].partition(", ")[0]
    if check.path.endswith(".targetPort") and _is_of_no_container(item, check, shown):
        return True  # whoever gives a Service that port gives it to a container as well
    of_maps = None if item.isdigit() else (item,)  # the keys of a list are numbers
    if sum(any(value == item or keys[-1:] == of_maps for keys, value in nodes(given)) for given in shown.values()) > 1:
        return True
    names = re.findall(r"[A-Za-z]++", str(check.expected).partition("exactly one ")[2])
    keys = {str(key) for value in shown.values() for path, _ in nodes(value) for key in path}
    keys |= {step for address in shown for step in steps(address)[-1:]}
    return len(keys.intersection(names)) > 1


def names_port(port: str, rendering: Rendering, *kinds: str) -> bool:
    """Tell whether some template of these kinds, or of pods or Services, has a port of this name, behind a switch."""
    texts = rendering.chart.every_template()
    return any(f"name: {port}\n" in t and f"kind: {kind}\n" in t for t in texts for kind in kinds or _WITH_PORTS)


def _is_of_no_container(number: str, check: Check, shown: Mapping[str, Any]) -> bool:
    """Tell whether an example of a port has no number that a container declares; another one may be in its place."""
    maps = (map_of(given) for value in shown.values() for _, given in nodes(value))
    examples = [words for pairs in maps if number in (words := {str(word) for pair in pairs.items() for word in pair})]
    declared = {word.strip("[],") for word in str(check.expected).split()}
    return examples != [] and not any(declared & words for words in examples)


def _is_made_otherwise(asked: AskedObject, after: Rendering) -> bool:
    """Tell whether a template that renders nothing yet makes such an object: an example takes it for granted."""
    rendered = {resource.template.partition("/")[2] for resource in after.resources}
    others = (text for name, text in after.chart.templates.items() if name not in rendered)
    return any(f"kind: {asked.kind}" in text.splitlines() for text in others)


def only_prepared(after: Rendering, new: Mapping[str, Any]) -> Iterator[Check]:
    """Expect that what users mount more is mounted by a container that runs on, and not by an init container alone."""
    keys = [key for key, value in new.items() if value == MOUNTS and "init" not in key.lower()]
    for resource in after.resources if len(keys) == 1 else ():
        pod = pod_if_any(resource)
        here, there = (
            [m for one in (pod / field).maps() for m in (one / "volumeMounts").maps() if m.at("name") == FILLED]
            for field in ("initContainers", "containers")
        )
        for mount in here[:1]:
            yield states(mount, bool(there), expected=f"in a container that runs on as well, with {keys[0]} filled")


def misfits(before: Rendering, after: Rendering, keys: list[str]) -> Iterator[tuple[list[str], Check]]:
    """Make a check of each object, for what no longer fits its schema, with the keys that it may come from."""
    was = {key: r.made(newest_misfits) for r in before.resources for key in ((r.kind, r.template), r.identity)}
    pulling = [resource for resource in after.resources if any(p.name == FILLED for p in pull_secrets(resource))]
    taken = {key for resource in pulling for key in read_by(keys, text_of(after, resource.template))}
    asked = [key for key in keys if any(f".Values.{key}" in text for text in after.chart.templates.values())]
    how = " as values.yaml shows" if after.scenario.name.endswith(AS_SHOWN) else ""
    for resource in after.resources:
        known = was.get(resource.identity, was.get((resource.kind, resource.template), ()))
        wrong = [error for error in resource.made(newest_misfits) if error not in known]
        template = text_of(after, resource.template)
        read = read_by(keys, template) or keys
        printed = () if (found := resource.made(_printed)) and any(_are_names(key, after) for key in read) else found
        own = [key for key in read if f".Values.{key}" in template] or read
        if all((steps(key) or [key])[-1].lower() in _OF_TWO_FORMS for key in read) and taken.isdisjoint(own):
            wrong = [error for error in wrong if error.unknown or error.problem.startswith(NO_OBJECT)]
            printed = ()
        filled = f"with {listed(read, _MOST)} filled"
        for address in printed:
            text = str(resource.at(address))
            form = "an item of a list by its number" if text.startswith(_BY_NUMBER) else "all of it as one text"
            actual = f"{text}, {form}, {filled}"
            told = states(resource.place(address), False, expected=FITS, actual=actual)
            yield read, with_cause(told, f"all of it as one text, with {last_of(read)} filled")
        wrong = [error for error in wrong if not error.address.endswith(_LABELS_ALONE)]
        if wrong and _SHOWS_BOTH.search(text_of(after, f"{after.chart.name}/values.yaml")):
            wrong = [error for error in wrong if not _OF_OLD_PATHS.search(error.problem)]
        for error in wrong:
            is_number = (text := str(resource.at(error.address))) == ARGUMENTS[1]
            beside = resource.place(error.address.rpartition("[")[0]).texts() if is_number else ()
            if are_single_words([word.text for word in beside if word.text != ARGUMENTS[0]]):
                continue
            named = [key for key in read if key.lower().endswith(tuple(map(str.lower, error.unknown)))]
            if not error.unknown:
                go = printed_by_go(text, {key: after.scenario.changes.get(key) for key in keys})
                named = go or _called_like(error.address, asked) or _called_like(error.address, read)
            problem = f"the text {ARGUMENTS[1]} without quotes: " * is_number + error.problem
            actual, is_of_key = f"{problem}, with {listed(named or read, _MOST)} filled{how}", len(error.unknown) == 1
            severity: Literal["warning"] | None = "warning" if is_number else None  # few have one among them
            place = resource.place(error.address)
            told = states(place, False, expected=FITS, actual=actual, is_of_key=is_of_key, severity=severity)
            yield named or read, with_cause(told, f"{error.problem}, with {last_of(named or read)} filled")
        if not wrong:
            yield read, states(resource.place(), True, expected=FITS)


def _called_like(address: str, keys: list[str]) -> list[str]:
    """Give the keys that are called like the innermost field of an address that some are: `args`, `extraArgs`."""
    for step in reversed(steps(address)):
        field = step.lower().removesuffix("s")
        if len(field) >= _SHORTEST and (found := [key for key in keys if field in last_of([key]).lower()]):
            return found
    return []


def _are_names(key: str, after: Rendering) -> bool:
    """Tell whether pull secrets are a list of names: a comment shows one, or templates print each item, and no map."""
    *_, last = path = steps(key) or [""]
    if last.lower() not in _OF_TWO_FORMS:
        return False
    found = [action for text in after.chart.templates.values() for action in actions(text)]
    blocks = {a.text.strip("- ") for a in found if a.word in ("range", "with") and _is_of(a.text, key)}
    inside = [a for a in found if blocks.intersection([one for one in a.conditions if one != "range ."][-1:])]
    are_printed = any(a.text.strip("- ").split(" ")[0] == "." for a in inside)
    is_taken = any("toYaml" in a.text for a in inside) or any(not a.word and _is_of(a.text, key) for a in found)
    return bool(_ARE_TEXTS.search(comments_of(after.chart).said_at(path))) or (are_printed and not is_taken)


def _is_of(text: str, key: str) -> bool:
    return f".Values.{key}" in text.split(" | ")[0].replace(")", " ").split(" ") or f"$.Values.{key}" in text.split(" ")


def last_of(keys: list[str]) -> str:
    """Give what keys are called, in whatever section: what is wrong with one of them is mostly wrong with all."""
    return ", ".join(sorted({(steps(key) or [key])[-1] for key in keys}))


def _printed(resource: Resource) -> tuple[str, ...]:
    """Give the addresses of the texts of a resource that are what Go prints of a map or a list that was filled in."""
    return tuple(
        join(*path)
        for path, text in strings(resource.manifest)
        if (_PRINTED in text and FILLED in text) or text.strip("[]") == _AS_ONE or text.startswith(_BY_NUMBER)
    )
