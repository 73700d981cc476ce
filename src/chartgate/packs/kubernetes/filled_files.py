"""Files that users give in a map of the values: each is in a ConfigMap or a Secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.charts.template_texts.template_reads import reads
from chartgate.documents.addresses import join
from chartgate.kubernetes.contents import stored
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import states


def own_files(after: Rendering, new: Mapping[str, Any]) -> Iterator[Check]:
    """Expect each of several files that users give beside the others, and none of them inside of another.

    Some may be in a ConfigMap and others in a Secret, or named as variables are: `NPM_TOKEN` for `npm-token`. A map of
    which templates read a key by its name is none of files.
    """
    by_name = {join(*read.path[:-1]) for read in reads(after.chart)}
    for key, files in new.items():
        if not isinstance(files, Mapping) or len(files) < 2 or key in by_name:
            continue
        forms = {str(name): _in_one_form(str(name)) for name in files}
        found = [(holder, there) for holder, there in _files(after) if not there.isdisjoint(forms.values())]
        missed = [name for name, form in forms.items() if all(form not in there for _, there in found)]
        for holder, _ in found[:1]:
            told = f"no {', '.join(missed)}" if missed else "all of them"
            yield states(holder.place("data"), not missed, expected=f"each file of {key}", actual=told)


def _files(rendering: Rendering) -> Iterator[tuple[Resource, set[str]]]:
    """Give the ConfigMaps and Secrets, each with the names of its files in one form."""
    for holder in rendering.resources.of_kind("ConfigMap", "Secret"):
        yield holder, {_in_one_form(name) for _, name, _ in stored(holder)}


def _in_one_form(name: str) -> str:
    return name.lower().replace("_", "-")
