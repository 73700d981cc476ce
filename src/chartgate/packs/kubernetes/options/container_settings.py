"""Settings of containers: from which registry each has its image, and which fields a common key gives it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from chartgate.charts.template_texts.given_objects import gives_objects
from chartgate.charts.template_texts.template_reads import Path
from chartgate.documents.addresses import join
from chartgate.documents.shapes import map_of
from chartgate.documents.walking import nodes, scalars
from chartgate.kubernetes.changes.lifecycle import is_test
from chartgate.kubernetes.pods.image_references import image_reference
from chartgate.kubernetes.pods.workloads import Container, containers_if_any, workloads
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import states, with_cause


def judged(rendering: Rendering) -> list[Resource]:
    """Give the workloads that a common setting is for: no tests, and none that values give as a whole."""
    chart = rendering.chart
    return [w for w in workloads(rendering.resources) if not (is_test(w) or gives_objects(chart, w.template))]


def images(path: Path, mark: str, base: Rendering, common: Rendering, own: Sequence[Rendering]) -> Iterator[Check]:
    """Check that each image comes from the registry that a common key names, where some do."""
    written = set(scalars(base.scenario.overrides))
    found = _of_the_chart(common)
    marked = [container for container in found if mark in (container / "image").text]
    parts = [container for rendering in own for container in _with_image(rendering)]
    with_own = {(part.owner.identity, part.name) for part in parts if mark in (part / "image").text}
    # Where the global one wins over the keys that some have, it does so in the others as well.
    wins = path[0] == "global" and any((one.owner.identity, one.name) in with_own for one in marked)
    is_of_subcharts = path == ("global", "imageRegistry") or any("/charts/" in c.owner.template for c in marked)
    for container in found if marked else ():
        repository = _repository(container)
        asks_for_another = not is_of_subcharts and "/charts/" in container.owner.template
        if asks_for_another or repository in written:  # whoever names the whole image names its registry
            continue
        passed = container in marked or (not wins and (container.owner.identity, container.name) in with_own)
        expected = f"from the registry that {join(*path)} names, as {marked[0].name} of {marked[0].owner.name}"
        subchart = container.owner.template.partition("/charts/")[2].partition("/")[0]
        cause = f"{join(*path)}: {subchart or repository}"  # a subchart reads it for each of its images, or for none
        yield with_cause(states(container / "image", passed, expected=expected), cause)


def fields(
    path: Path, field: str, mark: str, base: Rendering, common: Rendering, own: Sequence[Rendering]
) -> Iterator[Check]:
    """Check that each container of an image has the field that a common key gives to another one of the same image.

    What has the field written out, or by another key, does not count.
    """
    found = _of_the_chart(common)
    marked = [container for container in found if mark in json.dumps((container / field).value, default=str)]
    images_with_it = {_repository(container) for container in marked}
    others = [container for rendering in (base, *own) for container in _with_image(rendering)]
    with_own = {(other.owner.identity, other.name) for other in others if (other / field).value}
    for container in found:
        is_alike = _repository(container) in images_with_it
        if is_alike and (container in marked or (container.owner.identity, container.name) not in with_own):
            expected = f"what {join(*path)} sets, as in {marked[0].name} of {marked[0].owner.name}"
            actual = "it is" if container in marked else "nothing of it"
            yield with_cause(
                states(container / field, container in marked, expected=expected, actual=actual), join(*path)
            )


def _of_the_chart(rendering: Rendering) -> list[Container]:
    """Give the containers that are none of those which values list as a whole."""
    lists = (value for _, value in nodes(rendering.scenario.values) if isinstance(value, list))
    given = {str(map_of(item).get("name", "")) for value in lists for item in value}
    return [container for container in _with_image(rendering) if container.name not in given]


def _with_image(rendering: Rendering) -> list[Container]:
    containers = (container for workload in judged(rendering) for container in containers_if_any(workload))
    return [container for container in containers if isinstance((container / "image").value, str)]


def _repository(container: Container) -> str:
    return image_reference((container / "image").value).repository
