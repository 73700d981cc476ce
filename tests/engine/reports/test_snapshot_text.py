"""Text for snapshots: sorted, redacted, without versions, nothing twice."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

from chartgate.catalogs.snapshot_text import inventory, manifests
from chartgate.charts.reading.read import read_chart
from chartgate.matrix.scenarios import load_matrix
from chartgate.matrix.toggles import Toggle
from chartgate.model import Chart, Rendering, Scenario
from chartgate.rendering.renderings import Renderings
from chartgate.system.toolchain import Tools
from tests.engine.toys import CHART, TOY, chart_from, rendering_of, scenario

REPOSITORY = Path(__file__).parents[3]

MANIFESTS = """
apiVersion: v1
kind: Service
metadata: {name: web, labels: {helm.sh/chart: toy-1.2.3, app.kubernetes.io/version: 7.1.0, other: toy-1.2.3-x}}
spec: {ports: [{port: 80, name: http}], type: ClusterIP}
---
apiVersion: v1
kind: Secret
metadata: {name: s, annotations: {note: "token t0p-s3cret"}}
data: {a: YQ==}
stringData: {b: plain, c: ""}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c, namespace: a-first, labels: {helm.sh/chart: sub-0.2.0_build.5}}
data:
  app.yaml: |
    token: 't0p-s3cret'
    text: stays
"""

EXPECTED = """\
# Source: toy/templates/all.yaml
apiVersion: v1
data:
  app.yaml: |
    token: '<secret>'
    text: stays
kind: ConfigMap
metadata:
  labels:
    helm.sh/chart: sub-<version>
  name: c
  namespace: a-first
---
# Source: toy/templates/all.yaml
apiVersion: v1
data:
  a: <secret>
kind: Secret
metadata:
  annotations:
    note: token <secret>
  name: s
stringData:
  b: <secret>
  c: <secret>
---
# Source: toy/templates/all.yaml
apiVersion: v1
kind: Service
metadata:
  labels:
    app.kubernetes.io/version: <version>
    helm.sh/chart: toy-<version>
    other: toy-1.2.3-x
  name: web
spec:
  ports:
  - name: http
    port: 80
  type: ClusterIP
"""

WITH_SUBCHART = TOY | {
    "Chart.yaml": CHART + "dependencies: [{name: sub, version: 0.2.0+build.5, alias: other}]",
    "charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 0.2.0+build.5\n",
}
GIVEN = scenario(secret={"token": "t0p-s3cret"})


def test_manifests_are_sorted_redacted_and_without_versions(tmp_path: Path) -> None:
    rendering = rendering_of(chart_from(tmp_path, WITH_SUBCHART), MANIFESTS, GIVEN)
    assert manifests(rendering.resources, rendering) == EXPECTED


def test_the_order_of_helm_does_not_matter(tmp_path: Path) -> None:
    backwards = "---".join(reversed(MANIFESTS.split("---")))
    rendering = rendering_of(chart_from(tmp_path, WITH_SUBCHART), backwards, GIVEN)
    assert manifests(rendering.resources, rendering) == EXPECTED


def test_what_is_as_in_another_scenario_is_left_out(tmp_path: Path) -> None:
    chart = chart_from(tmp_path, WITH_SUBCHART)
    before = rendering_of(chart, MANIFESTS, GIVEN)
    after = rendering_of(chart, MANIFESTS.replace("stays", "is new"), GIVEN)
    assert manifests(after.resources, after, apart_from=before.resources) == (
        "# 2 resources are left out: they are as in the scenario this one is compared with.\n---\n"
        + EXPECTED.partition("---\n")[0].replace("stays", "is new")
    )


EXTRA = {"extra": Toggle(("extra.enabled",))}
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {}, namespace: {}}}\n---\n"


def _rendered(
    toy: Chart, name: str, on: bool, *names: str, release: str = "demo", namespace: str = "shop"
) -> Rendering:
    given = Scenario(name, release, namespace, "", {}, {"extra": {"enabled": on}})
    return rendering_of(toy, "".join(CONFIG.format(n, namespace) for n in names), given)


def test_inventory(toy: Chart) -> None:
    renderings = [
        _rendered(toy, "off", False, "demo-base", "fixed"),
        _rendered(toy, "on", True, "demo-base", "fixed", "extra"),
        _rendered(toy, "elsewhere", True, "own-base", "fixed", "extra", "seldom", release="own", namespace="other"),
    ]
    text = inventory(renderings, EXTRA)
    assert text == (
        "# everywhere\n- ConfigMap <namespace>/<release>-base (v1)\n- ConfigMap <namespace>/fixed (v1)\n\n"
        "# wherever extra is on\n- ConfigMap <namespace>/extra (v1)\n\n"
        "# in elsewhere\n- ConfigMap <namespace>/seldom (v1)\n"
    )
    assert inventory(list(reversed(renderings)), EXTRA) == text


def test_inventory_tells_what_a_cluster_serves_besides(toy: Chart) -> None:
    """Where no scenario has that, the text is what it always was."""
    plain = [_rendered(toy, "off", False, "a"), _rendered(toy, "on", True, "a", "b")]
    served = dataclasses.replace(plain[1].scenario, name="served", api_versions=("x.io/v1", "x.io/v1/Widget"))
    text = inventory([*plain, dataclasses.replace(plain[1], scenario=served)], EXTRA)
    assert text == (
        "# everywhere\n- ConfigMap <namespace>/a (v1)\n\n# wherever extra is on\n- ConfigMap <namespace>/b (v1)\n\n"
        "# --api-versions x.io/v1 --api-versions x.io/v1/Widget: in served\n"
    )


def test_inventory_names_exceptions(toy: Chart) -> None:
    renderings = [_rendered(toy, f"s{number}", True, *["a"] * (number != 2)) for number in range(5)]
    assert inventory(renderings, EXTRA) == ("# wherever extra is on, except in s2\n- ConfigMap <namespace>/a (v1)\n")


def _snapshots(chart: Chart, tools: Tools, runs: Path) -> dict[str, str]:
    matrix = load_matrix(REPOSITORY / "tests" / "matrix.yaml", chart)
    renderings = Renderings(chart, tools, matrix.hooks, runs)
    shown = {name: renderings.of(matrix.scenarios[name]) for name in ("off", "all_on")}
    assert {name: rendering.error for name, rendering in shown.items()} == {"off": "", "all_on": ""}
    return {
        name: manifests(rendering.resources, rendering) + manifests(rendering.after_hooks, rendering)
        for name, rendering in shown.items()
    }


def test_a_version_bump_alone_changes_no_snapshot(tmp_path: Path, tools: Tools) -> None:
    """Our own chart, since a version can hide anywhere in it: labels, checksums, texts."""
    source = Path(shutil.copytree(REPOSITORY / "chart", tmp_path / "source"))
    bumped = Path(shutil.copytree(source, tmp_path / "bumped"))
    for file in (bumped / "Chart.yaml", *bumped.glob("charts/*/Chart.yaml")):
        text = file.read_text("utf-8").replace("version: 1.10.0", "version: 1.11.3+build.4")
        file.write_text(text.replace("version: 0.1.0", "version: 0.2.7+build.5"), "utf-8")
    before, after = read_chart(source, "chart"), read_chart(bumped, "chart")
    assert {before.version, before.subcharts[0].version} == {"1.10.0", "0.1.0"}
    assert {after.version, after.subcharts[0].version} == {"1.11.3+build.4", "0.2.7+build.5"}
    assert _snapshots(after, tools, tmp_path / "runs") == _snapshots(before, tools, tmp_path / "runs")
