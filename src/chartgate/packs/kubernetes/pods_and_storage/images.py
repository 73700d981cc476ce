"""Images: what runs today runs tomorrow."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.secret_texts.writings import PLACEHOLDER
from chartgate.documents.walking import leaves, scalars
from chartgate.kubernetes.changes.lifecycle import is_test
from chartgate.kubernetes.pods.image_references import INJECTED, image_reference, problem_of
from chartgate.kubernetes.pods.workloads import Container, containers_if_any
from chartgate.matrix.derivations.set_in_ci import names_text
from chartgate.model import Check, Rendering, Scenario
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import of_chart, put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import CONTAINER

from ..healthy.pod import HEALTHY, PREPARE, WEB

_BEFORE_IT_IS_BUILT = "0.0.0"


@policy(
    judges=CONTAINER,
    severity="error",
    remediation="Print `:` and `@` only in front of a tag and a digest that there are, and nothing else into the name.",
)
def images_have_a_valid_name(container: Container) -> Iterator[Check]:
    """Every image has a name by which a container runtime can ask for it.

    The API server takes almost any text, and the pod waits for ever (InvalidImageName): for `web:` where the tag is
    empty, capital letters, a `+` in a tag, or two slashes where the registry is empty. What is replaced after helm, or
    by Istio's injector, cannot be judged. Source: https://kubernetes.io/docs/concepts/containers/images/#image-names
    """
    image = container / "image"
    if image.is_set and _is_final(image.value):
        problem = problem_of(image.text)
        yield states(image, not problem, expected="the name of an image", actual=f"{image.text!r}, with {problem}")


images_have_a_valid_name.breaks(
    manifests=HEALTHY,
    the_tag_is_empty=put("Deployment web", f"{WEB}.image", "registry.example.com:5000/web:"),
    the_registry_is_empty=put("Deployment web", f"{PREPARE}.image", "/shop/prepare:1.4.2"),
    the_digest_is_cut=put("Deployment web", f"{WEB}.image", "example.com/web@sha256:0123456789abcdef"),
    a_build_is_in_the_tag=put("Deployment web", f"{WEB}.image", "example.com/web:1.4.2+7"),
    capital_letters=put("Deployment web", f"{WEB}.image", "example.com/Shop/web:1.4.2"),
    a_digest_as_a_tag=put("Deployment web", f"{WEB}.image", "example.com/web:sha256:" + "0" * 64),
    an_address=put("Deployment web", f"{WEB}.image", "https://example.com/web:1.4.2"),
    nothing_at_all=put("Deployment web", f"{WEB}.image", ""),
)


def _is_final(image: object) -> bool:
    """Tell whether nobody puts something in place of an image, or of `$TAG` or `[[ .Version ]]` in it."""
    is_open = not isinstance(image, str) or PLACEHOLDER.search(image) or any(mark in image for mark in ("$", "[["))
    return not is_open and image != INJECTED


@policy(severity="warning", remediation="Name a digest, or at least a tag other than `latest`.")
def images_are_pinned(rendering: Rendering) -> Iterator[Check]:
    """Every image has a digest, or a tag that is not `latest`.

    Otherwise two pods of one Deployment may run different software, and nobody can roll back. What is replaced after
    helm (`<path:...>`), or by Istio's injector (`auto`), cannot be judged; the pods of `helm test`, and containers that
    a file in ci/ adds, are nobody's but the test's, and the appVersion of a chart 0.0.0 is written when it is built.
    Told once an image, and once of all that have the appVersion. Source:
    https://kubernetes.io/docs/concepts/containers/images/#image-names and
    https://istio.io/latest/docs/setup/additional-setup/gateway/
    """
    for resource in CONTAINER.holders(rendering):
        for container in () if is_test(resource) else containers_if_any(resource):
            image = container / "image"
            if _is_final(image.value) and not problem_of(image.text):
                reference = image_reference(image.value)
                is_of_chart = reference.tag and reference.tag == rendering.chart.metadata.get("appVersion")
                is_built_later = is_of_chart and rendering.chart.version == _BEFORE_IT_IS_BUILT
                passed = reference.is_pinned or is_built_later or _is_of_a_file(image.text, rendering.scenario)
                check = states(image, passed, expected="a digest, or a tag other than latest")
                yield with_cause(check, "the appVersion of the chart" if is_of_chart else reference.repository)


def _is_of_a_file(image: str, scenario: Scenario) -> bool:
    """Tell whether a file in ci/ names an image, in whole or by its tag, also one in a text with a template in it."""
    given = [value for _, value in leaves(scenario.overrides)] if scenario.is_installation else []
    _, _, tag = image.rpartition("/")[2].partition(":")
    return names_text(scenario, image) or (tag != "" and (names_text(scenario, f":{tag}") or tag in given))


images_are_pinned.breaks(
    manifests=HEALTHY,
    a_tag_moves=put("Deployment web", f"{WEB}.image", "registry.example.com:5000/web:latest"),
    only_the_registrys_port_looks_like_a_tag=put(
        "Deployment web", f"{PREPARE}.image", "registry.example.com:5000/prepare"
    ),
)


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


images_have_the_version_of_the_program.breaks(
    manifests=HEALTHY,
    the_version_of_the_chart=(
        put("Deployment web", f"{WEB}.image", "example.com/web:0.0.0"),
        of_chart(metadata={"appVersion": "9.9.9"}),
    ),
)
