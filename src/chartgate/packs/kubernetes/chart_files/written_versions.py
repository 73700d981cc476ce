"""Chart.yaml and values.yaml as they are written: versions that YAML reads otherwise, clusters that are shut out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chartgate.charts.metadata.dependencies import own_subcharts
from chartgate.charts.metadata.version_constraints import is_compatible
from chartgate.documents.yaml_texts.yaml_encodings import yaml_text
from chartgate.errors import InputError
from chartgate.kubernetes.pods.image_references import image_reference
from chartgate.kubernetes.pods.workloads import containers_if_any
from chartgate.model import Chart, Check, Rendering, folder_of
from chartgate.policy.checks import chart_states
from chartgate.policy.edits import of_chart
from chartgate.policy.policy import THE_CHART, WHOLE_MATRIX, policy

HEALTHY = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: "example.com/web:1.2"}]}
"""
_NUMBER = re.compile(
    r"(?<![\w-])(?P<key>(?:app|image)?[vV]ersion|(?:image)?[tT]ag):[ \t]++(?P<text>[0-9]++\.[0-9]++)[ \t]*+(?=[,}]|$)"
)
_MINORS = range(20, 60)
_BUILDS = ("gke.1000", "eks-0a1b2c3")
"""What the clusters of two clouds add to their version, which semver takes for a pre-release."""


@policy(
    over=WHOLE_MATRIX,
    severity="error",
    remediation="Put the version in quotes.",
)
def versions_keep_their_zero(renderings: Sequence[Rendering]) -> Iterator[Check]:
    """No version in Chart.yaml, and no tag of an image in values.yaml, loses its zero: `3.10` is 3.1 without quotes.

    The image of the other version is pulled, or none is there. Of values.yaml, what an image is tagged with counts.
    Source: https://yaml.org/spec/1.2.2/#10214-floating-point
    """
    tags = {
        image_reference(container.at("image")).tag
        for rendering in renderings
        for resource in rendering.resources
        for container in containers_if_any(resource)
    }
    yield from _versions(renderings[0].chart, "", tags)


def _versions(chart: Chart, folder: str, tags: set[str]) -> Iterator[Check]:
    for file in ("Chart.yaml", "values.yaml"):
        lost = [
            (number, key, text, short)
            for number, key, text in _numbers(chart, file)
            if (short := _shortened(text)) != text and (file == "Chart.yaml" or short in tags)
        ]
        for number, key, text, short in lost:
            actual = f"{text}, which is {short}"
            yield chart_states(f"{folder}{file}", f"{key}, line {number}", expected=f'"{text}"', actual=actual)
        if not lost:
            yield chart_states(f"{folder}{file}", "", expected="versions as texts", actual="versions as texts")
    for subchart in own_subcharts(chart):
        yield from _versions(subchart, f"{folder}{folder_of((subchart.name,))}", tags)


def _shortened(text: str) -> str:
    """Give how helm prints a number with a point."""
    return text.rstrip("0").removesuffix(".") if text.endswith("0") else text


def _numbers(chart: Chart, file: str) -> Iterator[tuple[int, str, str]]:
    """Give the versions of a file that are numbers without quotes: line, key and text."""
    try:
        text = yaml_text(chart.files.get(file, b""), file)
    except InputError:  # which reading the chart has told
        return
    for number, line in enumerate(text.splitlines(), 1):
        for found in _NUMBER.finditer("" if line.lstrip().startswith("#") else line.partition(" #")[0]):
            yield number, found["key"], found["text"]


versions_keep_their_zero.breaks(
    manifests=HEALTHY,
    the_version_of_the_program=of_chart(files={"Chart.yaml": b"name: web\nappVersion: 3.10\n"}),
    the_tag_of_an_image=of_chart(files={"values.yaml": b"image:\n  tag: 1.20 # the latest\n"}),
    a_tag_in_one_line=of_chart(files={"values.yaml": b"image: {tag: 1.20, registry: example.com}\n"}),
)


@policy(
    over=THE_CHART,
    severity="warning",
    remediation="End the version in `-0`, as in `>=1.25.0-0`: then pre-releases count as well.",
)
def managed_clusters_are_admitted(top: Chart) -> Iterator[Check]:
    """Where `kubeVersion` admits a version of Kubernetes, it admits it from a cloud as well: `v1.30.5-gke.1000`.

    What follows a dash is a pre-release to helm, and none fits `>=1.25.0`: the chart cannot be installed there. Source:
    https://github.com/helm/helm/issues/6190
    """
    for _, chart in top.with_subcharts():
        constraint = str(chart.metadata.get("kubeVersion") or "")
        plain = [minor for minor in _MINORS if constraint and is_compatible(constraint, f"1.{minor}.5")]
        if plain:
            newest = f"v1.{plain[-1]}.5"
            refused = [f"{newest}-{build}" for build in _BUILDS if not is_compatible(constraint, f"{newest}-{build}")]
            expected = "versions of clouds, too"
            actual = f"{constraint}, which {refused[0]} does not fit" if refused else expected
            yield chart_states("Chart.yaml", f"kubeVersion of {chart.name}", expected=expected, actual=actual)


managed_clusters_are_admitted.breaks(
    manifests=HEALTHY,
    only_releases_fit=of_chart(metadata={"kubeVersion": ">=1.25.0"}),
    a_range_of_releases=of_chart(metadata={"kubeVersion": ">=1.25.0 <1.40.0"}),
)
