"""Images: what runs today runs tomorrow."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from chartgate.documents.secret_texts.writings import PLACEHOLDER, number_writings
from chartgate.documents.walking import scalars
from chartgate.documents.yaml_texts.yaml_scalars import resolved
from chartgate.kubernetes.pods.image_references import INJECTED, image_reference
from chartgate.kubernetes.pods.workloads import Container, containers_if_any
from chartgate.model import Chart, Check, Rendering
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import CONTAINER

from ..healthy.pod import HEALTHY, PREPARE, WEB


@policy(
    judges=CONTAINER,
    severity="warning",
    remediation="Name a digest, or at least a tag other than `latest`.",
)
def images_are_pinned(container: Container) -> Iterator[Check]:
    """Every image has a digest, or a tag that is not `latest`.

    Otherwise two pods of one Deployment may run different software, and nobody can roll back. What is replaced after
    helm (`<path:...>`), or by Istio's injector (`auto`), cannot be judged. Source:
    https://kubernetes.io/docs/concepts/containers/images/#image-names and
    https://istio.io/latest/docs/setup/additional-setup/gateway/
    """
    image = container / "image"
    if not PLACEHOLDER.search(image.text) and image.value != INJECTED:
        yield states(image, image_reference(image.value).is_pinned, expected="a digest, or a tag other than latest")


images_are_pinned.breaks(
    manifests=HEALTHY,
    a_tag_moves=put("Deployment web", f"{WEB}.image", "registry.example.com:5000/web:latest"),
    only_the_registrys_port_looks_like_a_tag=put(
        "Deployment web", f"{PREPARE}.image", "registry.example.com:5000/prepare"
    ),
)

_NUMBER = re.compile(r"(?:tag|version)[\"']?[ \t]*+:[ \t]++([0-9][0-9._eE+]*+)[ \t]*+(?=[,}#\r\n]|$)", re.IGNORECASE)


@policy(severity="error", remediation="Write it in quotes: to YAML, 1.10 is the number 1.1.")
def tags_keep_their_digits(rendering: Rendering) -> Iterator[Check]:
    """The tag of an image is as Chart.yaml or a values file of the chart writes it.

    Without quotes, `tag: 1.10` is a number, and the image that is pulled is `web:1.1`, an older one or none at all.
    Source: https://helm.sh/docs/chart_best_practices/values/#make-types-clear
    """
    lost = dict(_lost_digits(rendering.chart))
    for resource in rendering.resources if lost else ():
        for container in containers_if_any(resource):
            image = container / "image"
            name, _, tag = image.text.partition("@")[0].rpartition(":")
            if name and tag in lost:
                number, file = lost[tag]
                yield states(image, False, expected=f"{name}:{number}, as {file} has it")
            elif name:
                yield states(image, True, expected="the tag of the values")


def _lost_digits(chart: Chart) -> Iterator[tuple[str, tuple[str, str]]]:
    """Give each number that stands for a version and is printed otherwise than it is written: as printed, as written.

    One that is written somewhere as it is printed may be meant like that.
    """
    written = {
        number: file
        for _, one in chart.with_subcharts()
        for file, content in _own_files(one)
        for number in _NUMBER.findall(content.decode("utf-8", "replace"))
    }
    for number, file in sorted(written.items()):
        value = resolved(number)
        if isinstance(value, int | float) and number not in (forms := number_writings(value)):
            yield from ((form, (number, file)) for form in forms if form not in written)


def _own_files(chart: Chart) -> Iterator[tuple[str, bytes]]:
    yield from ((name, chart.files.get(name, b"")) for name in ("Chart.yaml", "values.yaml"))
    yield from chart.ci_values.items()


@tags_keep_their_digits.counterexample(manifests=HEALTHY)
def a_tag_loses_its_last_digit(rendering: Rendering) -> Rendering:
    return _with_file(rendering, "values.yaml", b"web: {image: web, tag: 1.10}\n")


@tags_keep_their_digits.counterexample(manifests=HEALTHY)
def the_version_of_the_application_does(rendering: Rendering) -> Rendering:
    return _with_file(rendering, "Chart.yaml", b"name: shop\nversion: 1.0.0\nappVersion: 1.10 # of the web\n")


def _with_file(rendering: Rendering, name: str, content: bytes) -> Rendering:
    edit = put("Deployment web", f"{WEB}.image", "registry.example.com:5000/web:1.1")
    return dataclasses.replace(edit.apply(rendering), chart=dataclasses.replace(rendering.chart, files={name: content}))


@policy(severity="warning", remediation="Take `.Chart.AppVersion` for the tag where the value is empty.")
def images_have_the_version_of_the_program(rendering: Rendering) -> Iterator[Check]:
    """No image has the version of the chart for a tag where Chart.yaml says another one of the program.

    There is hardly an image of that version: `.Chart.Version` was meant to be `.Chart.AppVersion`. What the values name
    is left alone. Source: https://helm.sh/docs/topics/charts/#the-appversion-field
    """
    chart = rendering.chart
    program = str(chart.metadata.get("appVersion") or "").removeprefix("v")
    version = chart.version.removeprefix("v")
    named = {str(text) for text in scalars(rendering.scenario.values)} if program not in ("", version) else set()
    for resource in rendering.resources if program not in ("", version) else ():
        for container in (
            containers_if_any(resource) if resource.template.startswith(f"{chart.name}/templates/") else ()
        ):
            image = container / "image"
            tag = image_reference(image.value).tag
            is_given = tag in named or any(tag in text for text in named if text.endswith(tag))
            passed = tag.removeprefix("v") != version or not tag or is_given
            yield states(image, passed, expected=f"a tag such as {program}, the appVersion")


@images_have_the_version_of_the_program.counterexample(manifests=HEALTHY)
def the_version_of_the_chart(rendering: Rendering) -> Rendering:
    metadata = {**rendering.chart.metadata, "appVersion": "9.9.9"}
    chart = dataclasses.replace(rendering.chart, metadata=metadata)
    edit = put("Deployment web", f"{WEB}.image", f"example.com/web:{chart.version}")
    return dataclasses.replace(edit.apply(rendering), chart=chart)
