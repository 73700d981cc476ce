"""Which pods may ignore what is set for all of them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from chartgate.matrix.conventional import conventional_matrix
from chartgate.model import Chart
from chartgate.packs.kubernetes.options.common_settings import COMMON, OWN, SETTINGS, common_settings_reach_every_pod
from chartgate.policy.edits import Edit, gone, of_chart, put
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import edited
from tests.engine.toys import CHART, chart_from

WEB, JOB = "Deployment web", "Job migrate"
MANIFESTS = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: default}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {common-selector-x7: common-selector-x7}
      imagePullSecrets: [{name: common-pull-x7}]
      containers: [{name: web, image: "common-registry-x7.example.com/web:1"}]
---
# Source: literal/templates/job.yaml
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec: {template: {spec: {containers: [{name: migrate, image: "busybox:1"}]}}}
"""
PULL = "spec.template.spec.imagePullSecrets"
SELECTOR = "spec.template.spec.nodeSelector"
MARKED = [{"name": "common-pull-x7"}]
SECURITY, LABELS = "spec.template.spec.securityContext", "spec.template.metadata.labels"
FIRST, SECOND = "common-labels-podLabels-x7", "common-labels-commonLabels-x7"
HOOK = {"metadata.annotations": {"helm.sh/hook": "pre-upgrade"}}
IMAGE = "spec.template.spec.containers[migrate].image"
IMAGE_OF_WEB = "spec.template.spec.containers[web].image"
OF_ITS_OWN = "common-registry-x7.example.com/x"


def found(
    values: dict[str, Any], *edits: Edit, own: tuple[Edit, ...] = (), said: str = "", template_of_job: str = ""
) -> list[str]:
    """Give the findings on literal manifests of a chart with these values, of which a comment says this."""
    files = {"values.yaml": "".join(f"# {said}\n{key}: 1\n" for key in values).encode()}
    templates = {"templates/job.yaml": template_of_job}
    renderings = []
    for changes in ((), (), own):
        rendering = literal_rendering(MANIFESTS)
        chart = dataclasses.replace(rendering.chart, own_values=values, files=files, templates=templates)
        for edit in (*edits, *changes):
            rendering = edit.apply(rendering)
        renderings.append(dataclasses.replace(rendering, chart=chart))
    checks = checks_of(common_settings_reach_every_pod, renderings)
    return [f"{check.subject} {check.path}: {check.expected}" for check in checks if not check.passed]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"global": {"imagePullSecrets": []}},
            [f"Job default/migrate (batch/v1) {PULL}: what global.imagePullSecrets sets, as in Deployment web"],
        ),
        (
            {"global": {"imageRegistry": ""}},
            [
                f"Job default/migrate (batch/v1) {IMAGE}:"
                " from the registry that global.imageRegistry names, as web of web"
            ],
        ),
        # At the top, it may be meant for the one workload that it reaches.
        ({"nodeSelector": {}}, []),
        ({"global": {"other": ""}, "registry": ""}, []),
        ({"global": {"imagePullSecrets": "text", "imageRegistry": []}}, []),
    ],
)
def test_who_ignores_it(values: dict[str, Any], expected: list[str]) -> None:
    assert found(values) == expected


@pytest.mark.parametrize(
    ("values", "edits", "own"),
    [
        ({"global": {"imagePullSecrets": []}}, [put("ServiceAccount default", "imagePullSecrets", MARKED)], []),
        ({"global": {"imagePullSecrets": []}}, [], [put(JOB, PULL, [{"name": "common-pull-x7"}])]),
        ({"global": {"imagePullSecrets": []}}, [put(JOB, PULL, [{"name": "written-out"}])], []),
        ({"global": {"imagePullSecrets": []}}, [put(JOB, "metadata.annotations", {"helm.sh/hook": "test"})], []),
        ({"global": {"imagePullSecrets": []}}, [gone(WEB, PULL)], []),
        ({"global": {"imageRegistry": ""}}, [], [put(JOB, IMAGE, OF_ITS_OWN), put(WEB, IMAGE_OF_WEB, "web:1")]),
        ({"global": {"imageRegistry": ""}}, [put(JOB, IMAGE, None)], []),
        ({"global": {"nodeSelector": {}}}, [put(JOB, SELECTOR, {"kubernetes.io/os": "linux"})], []),
    ],
    ids=range(8),
)  # fmt: skip
def test_who_may(values: dict[str, Any], edits: list[Edit], own: list[Edit]) -> None:
    assert found(values, *edits, own=tuple(own)) == []


def test_a_job_of_the_same_image_needs_what_is_at_the_top() -> None:
    same = put(JOB, IMAGE, "common-registry-x7.example.com/web:2")
    [finding] = found({"nodeSelector": {}}, same)
    assert finding == f"Job default/migrate (batch/v1) {SELECTOR}: what nodeSelector sets, as in Deployment web"
    assert found({"nodeSelector": {}}, same, said="Nodes of the web deployment") == []


def test_a_hook_of_the_image_needs_what_the_only_key_of_its_sort_sets() -> None:
    same = put(JOB, IMAGE, "common-registry-x7.example.com/web:2")
    hook = put(JOB, "metadata.annotations", {"helm.sh/hook": "post-install"})
    [finding] = found({"web": {"nodeSelector": {}}}, same, hook)
    assert finding == f"Job default/migrate (batch/v1) {SELECTOR}: what web.nodeSelector sets, as in Deployment web"
    assert found({"web": {"nodeSelector": {}}, "more": {"nodeSelector": {}}}, same, hook) == []
    assert found({"web": {"nodeSelector": {}}}, same) == []
    assert found({"web": {"nodeSelector": {}}}, hook) == []


def test_a_hook_of_another_image_needs_what_the_key_at_the_top_sets() -> None:
    [finding] = found({"nodeSelector": {}}, put(JOB, "metadata.annotations", {"helm.sh/hook": "pre-upgrade"}))
    assert finding == f"Job default/migrate (batch/v1) {SELECTOR}: what nodeSelector sets, as in Deployment web"


@pytest.mark.parametrize(
    ("values", "field", "value"),
    [
        ({"image": {"pullPolicy": "IfNotPresent"}}, "imagePullPolicy", "Never"),
        ({"securityContext": {}}, "securityContext", {"level": "common-container-x7"}),
    ],
)
def test_a_container_of_the_same_image_has_the_same_fields(values: dict[str, Any], field: str, value: Any) -> None:
    of_web, of_job = (image.removesuffix("image") + field for image in (IMAGE_OF_WEB, IMAGE))
    same = put(JOB, IMAGE, "common-registry-x7.example.com/web:2")
    told = [f"Job default/migrate (batch/v1) {of_job}: what {'.'.join(_keys(values))} sets, as in web of web"]
    assert found(values, put(WEB, of_web, value), same) == told
    assert found(values, put(WEB, of_web, value), same, put(JOB, of_job, "Always")) == []
    assert found(values, put(WEB, of_web, value)) == []


def _keys(values: dict[str, Any]) -> list[str]:
    return [key for name, value in values.items() for key in (name, *_keys(value if isinstance(value, dict) else {}))]


@pytest.mark.parametrize(
    ("values", "of_web", "of_job", "told"),
    [
        ({"podSecurityContext": {}}, {SECURITY: {"user": "common-security-x7"}}, {SECURITY: {"user": 1}}, True),
        (
            {"podSecurityContext": {}},
            {SECURITY: {"user": "common-security-x7"}},
            {SECURITY: {"user": 1}, **HOOK},
            False,
        ),
        ({"podLabels": {}, "commonLabels": {}}, {LABELS: [FIRST, SECOND]}, {LABELS: [SECOND]}, True),
        ({"podLabels": {}, "commonLabels": {}}, {LABELS: [FIRST, SECOND]}, {LABELS: [SECOND, FIRST]}, False),
    ],
)
def test_a_pod_of_the_same_image_has_no_setting_of_its_own(
    values: dict[str, Any], of_web: dict[str, Any], of_job: dict[str, Any], told: bool
) -> None:
    edits = [put(WEB, address, value) for address, value in of_web.items()]
    edits += [put(JOB, address, value) for address, value in of_job.items()]
    own = (put(JOB, LABELS, []),)
    assert bool(found(values, put(JOB, IMAGE, "common-registry-x7.example.com/web:2"), *edits, own=own)) is told


def test_what_is_planted(tmp_path: Path) -> None:
    values = "tolerations: []\nglobal: {imageRegistry: '', imagePullSecrets: {}}\n"
    values += "worker: {tolerations: [], extraEnvVars: {}, image: {registry: ''}}\nregistry: txt\n"
    schema = '{"properties": {"tolerations": {"maxItems": 0}}}'
    files = {"values.yaml": values, "values.schema.json": schema, "ci/a-values.yaml": "global: {imageRegistry: mirror}"}
    chart: Chart = chart_from(tmp_path, {"Chart.yaml": CHART, **files})
    [case] = common_settings_reach_every_pod.cases(conventional_matrix(chart).rendering)
    base, common, own = case
    value = {setting.name: setting.value for setting in SETTINGS}
    assert (common.name, own.name) == (f"{base.name}.{COMMON}", f"{base.name}.{OWN}")
    assert dict(common.changes) == {"global.imageRegistry": value["registry"]}
    assert dict(own.changes) == {
        "global.imageRegistry": "",
        "worker.tolerations": value["tolerations"],
        "worker.extraEnvVars": value["variables"],
        "worker.image.registry": value["registry"],
    }


def test_a_key_of_its_own_is_no_reason_where_the_global_one_wins_over_those_of_others() -> None:
    told = found({"global": {"imageRegistry": ""}}, own=(put(JOB, IMAGE, OF_ITS_OWN),))
    assert [line.partition(":")[0] for line in told] == [f"Job default/migrate (batch/v1) {IMAGE}"]


def test_all_that_the_pods_of_a_template_lack_is_one_finding() -> None:
    values: dict[str, Any] = {"global": {"imagePullSecrets": [], "nodeSelector": {}}}
    checks = checks_of(common_settings_reach_every_pod, [edited(MANIFESTS, of_chart(own_values=values))] * 2)
    [told] = [check for check in checks if not check.passed]
    assert (told.path, told.actual) == (PULL, "nothing of it, nor of global.nodeSelector")
    assert told.cause == "settings of all pods in literal/templates/job.yaml"


@pytest.mark.parametrize(("text", "is_told"), [("{{ toYaml .Values.extraObjects }}", False), ("kind: Job", True)])
def test_a_pod_that_values_give_as_a_whole_has_what_they_say(text: str, is_told: bool) -> None:
    assert bool(found({"global": {"nodeSelector": {}}}, template_of_job=text)) is is_told
