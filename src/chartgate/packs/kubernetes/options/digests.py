"""Digests: an image that is named by its digest is pulled by it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.charts.chart_values.commented_keys import comments_of
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.walking import nodes
from chartgate.kubernetes.pods.workloads import Container, containers_if_any, workloads
from chartgate.matrix.derivations.user_values import with_digests
from chartgate.model import Check, Rendering
from chartgate.policy.checks import chart_states, states, with_cause
from chartgate.policy.edits import Edit, in_values, of_rendering, of_scenario, put
from chartgate.policy.policy import policy

from ..api_server.names import labels_are_valid
from ..newly import new_findings

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web, app.kubernetes.io/version: "1.0"}}
    spec: {containers: [{name: web, image: example.com/web:1.0}]}
"""
_NO_VERSION = re.compile(r"<semver[^\n]++")
WEB = "spec.template.spec.containers[web].image"
_HEX = re.compile(r"[0-9a-f]{64}")
_REFERENCE = re.compile(r"[^\s@:/]++(?::[0-9]++(?=/))?+(?:/[^\s@:/]++)*+(?::\w[\w.-]{0,127}+)?+@sha256:[0-9a-f]{64}")


@policy(
    over=with_digests,
    severity="error",
    remediation="Write the image as repository, `:tag` if there is one, and `@digest`; cut the tag at `@` for a label.",
)
def digests_reach_their_image(before: Rendering, after: Rendering) -> Iterator[Check]:
    """An image of the values with a digest is rendered with this digest, and all else stays valid.

    The digest is set under the key that the values have for it, else behind the tag, `1.2@sha256:...`, as users do
    where there is no key. A label with the whole tag is then longer than a label may be, and has an `@`. Some charts
    say in a comment that `@sha256` belongs to the repository: those are left alone. A template that compares
    the tag as a version renders nothing at all.
    Sources: https://kubernetes.io/docs/concepts/containers/images/#image-names
    https://github.com/community-charts/helm-charts/issues/466
    """
    if after.error:
        if not before.error and (found := _NO_VERSION.search(after.error)):
            digests = ", ".join(key for key, value in after.scenario.changes.items() if _HEX.search(str(value)))
            yield chart_states("values.yaml", digests, expected="rendered with a digest", actual=found[0])
        return
    for address, value in after.scenario.changes.items():
        digest = _HEX.search(str(value))
        if digest is None:
            continue
        using = [
            c for workload in workloads(after.resources) for c in containers_if_any(workload) if _has(c, digest[0])
        ]
        for container in using:
            image = container.at("image")
            # Some charts write `sha256:` themselves, and some do not: their key is for the rest, or for all of it.
            passed = _is_with_the_repository(address, after) or _is_reference(
                image.replace("sha256:sha256:", "sha256:").replace(f"@{digest[0]}", f"@sha256:{digest[0]}")
            )
            check = states(container / "image", passed, expected="a reference with a tag, if any, and one digest")
            yield with_cause(check, f"the image of {address}")
        for container in _left_behind(address, using, before, after) if not address.endswith("tag") else ():
            yield states(container / "image", False, expected=f"the digest of {address}, as in {using[0].name}")
        if not using:
            lost = "" if address.endswith("tag") else _without_it(address, after)
            actual = f"not in the image of {lost}" if lost else "in the image"
            yield chart_states("values.yaml", address, expected="in the image", actual=actual)
    for check in new_findings([labels_are_valid], before, after):
        yield with_cause(check, f"the label {steps(check.path)[-1]}" if check.path else check.subject)


def _has(container: Container, digest: str) -> bool:
    image = container.at("image")
    return isinstance(image, str) and digest in image


def _is_reference(image: str) -> bool:
    return _REFERENCE.fullmatch(image) is not None


def _is_with_the_repository(address: str, rendering: Rendering) -> bool:
    """Tell whether a comment in front of an image shows a repository that ends with the algorithm of its digest."""
    return "@sha256" in comments_of(rendering.chart).said_at(steps(address)[:-1])


def _left_behind(address: str, using: list[Container], before: Rendering, after: Rendering) -> Iterator[Container]:
    """Give the containers that had the same image, by the only key of its repository, and have it without digest."""
    repository = lookup(after.scenario.values, join(*steps(address)[:-1], "repository"))
    keys = [
        keys for keys, value in nodes(after.scenario.values) if keys[-1:] == ("repository",) and value == repository
    ]
    if not using or not repository or len(keys) != 1:
        return
    were = {_key(c): c.at("image") for workload in workloads(before.resources) for c in containers_if_any(workload)}
    images = [were.get(_key(container)) for container in using]
    for workload in workloads(after.resources):
        for container in containers_if_any(workload):
            image = container.at("image")
            if isinstance(image, str) and "@" not in image and image in images and were.get(_key(container)) == image:
                yield container


def _key(container: Container) -> tuple[object, str]:
    return container.resource.identity, container.address


def _without_it(address: str, rendering: Rendering) -> str:
    """Name a container that has the repository that is beside a digest, and not the digest; empty for none.

    One that has the digest of another key is of a part that has the same image.
    """
    others = {found[0] for value in rendering.scenario.changes.values() if (found := _HEX.search(str(value)))}
    repository = lookup(rendering.scenario.values, join(*steps(address)[:-1], "repository"))
    if repository is ABSENT or not repository:
        return ""
    for workload in workloads(rendering.resources):
        for container in containers_if_any(workload):
            image = container.at("image")
            if not isinstance(image, str) or any(other in image for other in others):
                continue
            if f"/{image}".partition("@")[0].rpartition("/")[2].startswith(f"{str(repository).rpartition('/')[2]}:"):
                return f"container {container.name} of {workload.identity.label}, {image}"
    return ""


_OF_WEB = "sha256:" + "c" * 64


def _given(key: str, value: str) -> Edit:
    values = {"image": {"repository": "example.com/web", "tag": "1.0"}}
    return of_scenario(values=values, changes={key: value}, is_trial=True)


digests_reach_their_image.breaks(
    manifests=HEALTHY,
    the_tag_wins=(
        put("Deployment web", "spec.template.spec.containers[web].args", ["-v"]),
        in_values("image", {"digest": ""}),
        _given("image.digest", _OF_WEB),
    ),
    the_digest_is_behind_a_colon=(
        put("Deployment web", WEB, f"example.com/web:{_OF_WEB}"),
        _given("image.digest", _OF_WEB),
    ),
    the_tag_is_a_label=(
        put("Deployment web", WEB, f"example.com/web:1.0@{_OF_WEB}"),
        put("Deployment web", "spec.template.metadata.labels[app.kubernetes.io/version]", f"1.0@{_OF_WEB}"),
        _given("image.tag", f"1.0@{_OF_WEB}"),
    ),
)
digests_reach_their_image.breaks(
    manifests=HEALTHY,
    the_tag_is_compared_as_a_version=(
        _given("image.tag", f"1.0@{_OF_WEB}"),
        in_values("image", {"tag": "1.0"}),
        of_rendering(error='Error: at <semverCompare ">=1.0" .Values.image.tag>: error calling semverCompare: no'),
    ),
)
digests_reach_their_image.breaks(
    manifests=f"{HEALTHY}---{HEALTHY.replace('web}', 'job}', 1)}",
    another_container_has_the_tag_still=(
        put("Deployment web", WEB, f"example.com/web@{_OF_WEB}"),
        put("Deployment job", "spec.template.spec.containers[web].args", ["-v"]),
        in_values("image", {"digest": ""}),
        _given("image.digest", _OF_WEB),
    ),
)
