"""The matrix that `chartgate init` writes for a chart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from chartgate.commands.main import main
from chartgate.system.toolchain import OLDEST
from tests.engine.started import EVERYTHING, NEEDY, chart, matrix
from tests.engine.toys import CHART, CONFIG, GUARDED, write

Shown = pytest.CaptureFixture[str]

MATRIX_OF_EVERYTHING = """\
# What the gate of toy renders; `chartgate scenarios` lists it. `chartgate init` wrote what the chart itself tells and
# helm accepts: change it as you like.

chart: ../toy
release: toy # what you deploy it as, and where; write your own names
namespace: toy

# Every combination of these is a scenario: off, ... all_on.
toggles:
  autoscaling: # HorizontalPodAutoscaler (templates/hpa.yaml:2); it needs what is set besides
    autoscaling.enabled: true
    autoscaling.maxReplicas: 5

# Each two values of different axes are together in some scenario, with all toggles on.
axes:
  served_apis: # templates ask for these
    kubernetes_only: {} # sets nothing
    all: {api_versions: [monitoring.coreos.com/v1]}
  images: # an image may be given by its digest
    by_tag: {} # sets nothing
    by_digest: {values: {image: {tag: '1.0@sha256:6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d'}}}
  service_type: # templates compare it with these
    cluster_ip: {values: {service: {type: ClusterIP}}}
    node_port: {values: {service: {type: NodePort}}}
  monitor: # ServiceMonitor (templates/monitor.yaml:2)
    disabled: {} # sets nothing
    enabled: {values: {monitor: {enabled: true}}, api_versions: [monitoring.coreos.com/v1]}
  host_network: # changes ConfigMap (templates/notes.yaml:4)
    disabled: {} # sets nothing
    enabled: {values: {host: {network: true}}}

scenarios:
  defaults: {} # what they get who set nothing

# Of these kinds there is no schema: name the files of their CRDs under `crds`, and they are judged.
schemas:
  unjudged:
    monitoring.coreos.com/v1 ServiceMonitor: its CRD is not in the chart
"""


def test_what_the_matrix_of_a_chart_says(here: Path, capsys: Shown) -> None:
    chart(here, EVERYTHING)
    assert main(["init", "toy"]) == 0
    assert (here / "tests" / "matrix.yaml").read_text() == MATRIX_OF_EVERYTHING
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.startswith(
        "tests/matrix.yaml: 9 scenarios (2 of the toggles, 6 of the axes, 1 named), all of them rendered\n"
        "policies/toy/switches.py: the policy autoscaling_follows_its_switch\nchartgate.toml\n\nNext:\n"
    )


def test_a_chart_that_needs_values_takes_them_from_ci(here: Path, capsys: Shown) -> None:
    chart(here, NEEDY | {"ci/a-values.yaml": "mode: ''\n", "ci/default-values.yaml": "mode: loud\n"})
    assert main(["init", "toy"]) == 0
    found = matrix(here)
    assert (found["values"], found["ci_files"]) == ({"mode": "loud"}, ["default-values.yaml"])
    shown = capsys.readouterr().out
    assert "every scenario of the matrix has those of ci/default-values.yaml." in shown
    assert "\n  ci/a-values.yaml: mode is needed (toy/templates/config.yaml:5)\n" in shown


def test_a_chart_that_needs_values_takes_those_that_are_named(here: Path) -> None:
    chart(here, NEEDY | {"ci/a-values.yaml": "mode: loud\n"})
    write(here, {"mine.yaml": "mode: mine\n"})
    assert main(["init", "toy", "--values=mine.yaml"]) == 0
    assert matrix(here)["values"] == {"mode": "mine"}


REFUSING = """
{{- if and .Values.a.enabled .Values.b.enabled }}{{ fail "a and b exclude each other" }}{{ end }}
{{- if .Values.a.enabled }}
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
{{- end }}
---
{{- if .Values.b.enabled }}
apiVersion: v1
kind: ConfigMap
metadata: {name: b}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b2}
{{- end }}
---
{{- if .Values.c.enabled }}{{ fail "c is for our cloud only" }}{{ end }}
"""


def test_what_helm_refuses_is_left_out_in_its_words(here: Path, capsys: Shown) -> None:
    values = "mode: x\na: {enabled: false}\nb: {enabled: false}\nc: {enabled: false}\n"
    chart(here, {"values.yaml": values, "templates/config.yaml": CONFIG, "templates/refusing.yaml": REFUSING})
    assert main(["init", "toy"]) == 0
    left_out = [
        "  c.enabled: true: c is for our cloud only (toy/templates/refusing.yaml:19)",
        "  a.enabled with b.enabled: true, a.enabled: true: a and b exclude each other (toy/templates/refusing.yaml:2)",
        "  a: enabled: a and b exclude each other (toy/templates/refusing.yaml:2)",
    ]
    shown = capsys.readouterr().out.splitlines()
    start = shown.index("Left out of the matrix, which says so as well:") + 1
    assert shown[start : start + 3] == left_out
    assert matrix(here)["toggles"] == {"b": "b.enabled"}
    assert [line for line in left_out if f"# -{line[1:]}"[:60] not in (here / "tests/matrix.yaml").read_text()] == []


def test_many_booleans(here: Path, capsys: Shown) -> None:
    """Those that were not tried are named, in the matrix all of them."""
    names = [f"feature_{number}" for number in range(70)]
    template = (
        "{{ if .Values.NAME.enabled }}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x-NAME}\n{{ end }}\n---\n"
    )
    chart(
        here,
        {
            "values.yaml": "mode: x\n" + "".join(f"{name}: {{enabled: false}}\n" for name in names),
            "templates/config.yaml": CONFIG,
            "templates/features.yaml": "".join(template.replace("NAME", name) for name in names),
        },
    )
    assert main(["init", "toy"]) == 0
    shown = capsys.readouterr().out
    assert "\n  feature_48.enabled, feature_49.enabled, " in shown
    assert max(map(len, shown.splitlines())) < 260
    text = " ".join((here / "tests" / "matrix.yaml").read_text().replace("\n#", "").split())
    assert "feature_69.enabled: not tried; the 48 that decide most were" in text
    assert [name for name in names if not re.search(rf"\b{name}\b", text)] == []


def test_what_is_on_by_default_is_turned_off_by_itself(here: Path) -> None:
    """Together with the parts that lead to it, it would only say that these lead nowhere."""
    made = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x-NAME-PART}\n"
    parts = {"a": 2, "b": 2, "c": 2, "web": 1, "route": 1}
    chart(
        here,
        {
            "values.yaml": "mode: x\n"
            + "".join(f"{name}: {{enabled: {str(name == 'web').lower()}}}\n" for name in parts),
            "templates/config.yaml": CONFIG,
            **{
                f"templates/{name}.yaml": f"{{{{ if .Values.{name}.enabled }}}}\n"
                + "---\n".join(made.replace("NAME", name).replace("PART", str(part)) for part in range(many))
                + "{{ end }}\n"
                for name, many in parts.items()
            },
        },
    )
    assert main(["init", "toy"]) == 0
    found = matrix(here)
    assert found["scenarios"] == {"defaults": {}, "without_web": {"values": {"web": {"enabled": False}}}}
    assert found["toggles"] == {name: f"{name}.enabled" for name in "abc"}
    axes = found["axes"]
    assert isinstance(axes, dict)
    assert list(axes) == ["route"]


SHARING = {
    "values.yaml": "account: {create: true}\nservice: {enabled: false}\nbudget: {enabled: true}\n",
    "templates/all.yaml": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}-web}
spec:
  template:
    spec: {serviceAccountName: {{ ternary "toy" "default" .Values.account.create }}}
---
{{- if .Values.account.create }}
apiVersion: v1
kind: ServiceAccount
metadata: {name: toy}
{{- end }}
---
{{- if .Values.service.enabled }}
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}-web}
{{- end }}
---
{{- if and .Values.budget.enabled (.Capabilities.APIVersions.Has "policy/v1/PodDisruptionBudget") }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: {{ .Release.Name }}-web}
{{- else if .Capabilities.APIVersions.Has "policy/v1beta1/PodDisruptionBudget" }}
{{- fail "too old" }}
{{- end }}
""",
}


def test_what_toggles_share_and_every_cluster_serves(here: Path, capsys: Shown) -> None:
    """That a pod gets another account is what the toggle is for; a budget is rendered as in a cluster."""
    chart(here, SHARING)
    assert main(["init", "toy"]) == 0
    found = matrix(here)
    assert found["toggles"] == {"account": "account.create", "budget": "budget.enabled", "service": "service.enabled"}
    assert found["shared"] == {"account": ["Deployment *toy-web"]}
    assert found["api_versions"] == ["policy/v1/PodDisruptionBudget"]
    capsys.readouterr()
    assert main(["check", "feature_isolation"]) == 0
    template = here / "toy" / "templates" / "all.yaml"
    leak = "  replicas: {{ ternary 2 1 .Values.service.enabled }}\n  template:"
    template.write_text(template.read_text().replace("  template:", leak))
    assert main(["check", "feature_isolation"]) == 1
    assert "expected: the same with and without service" in capsys.readouterr().out


SUBCHART = {
    "Chart.yaml": f"{CHART}dependencies: [{{name: db, version: 1.0.0, condition: db.enabled}}]\n",
    "values.yaml": "mode: plain\ndb: {enabled: false}\n",
    "templates/config.yaml": CONFIG,
    "charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n",
    "charts/db/values.yaml": "metrics: {enabled: false}\n",
    "charts/db/templates/db.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: db}\n",
}
ONLY_GUARDED = {"values.yaml": "secret: {enabled: true, token: x}\n", "templates/secret.yaml": GUARDED}
OF_WORDS = {
    "values.yaml": "type: made\n",
    "templates/a.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: toy}\n"
        'data: {of: {{ if eq .Values.type "existingSecret" }}a{{ else if eq .Values.type "made" }}b{{ end }}}\n'
    ),
}
RANDOM = {
    "values.yaml": "a: {enabled: false}\nb: {enabled: false}\n",
    "templates/random.yaml": (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: fixed}\nstringData: {a: {{ randAlphaNum 9 | quote }}}\n---\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x-{{ randAlphaNum 5 | lower }}}\n"
        "data: {b: '{{ if .Values.b.enabled }}1{{ end }}'}\n"
    ),
}


@pytest.mark.parametrize(
    ("given", "toggles", "axes", "left_out", "policy"),
    [
        (SUBCHART, {"db": "db.enabled"}, [], [], "essentials"),
        (
            ONLY_GUARDED,
            None,
            [],
            ["secret.enabled: false: helm rendered no resource at all"],
            "essentials",
        ),
        (RANDOM, None, [], [], ""),
        ({"values.yaml": "# nothing yet\n", "templates/config.yaml": CONFIG}, None, [], [], "essentials"),
        (
            OF_WORDS,
            None,
            [],
            ["type: existingSecret: who has one already names it as well; put both into a scenario of your own"],
            "essentials",
        ),
    ],
    ids=["subchart", "only-guarded", "random", "empty-values", "existing"],
)
def test_what_odd_charts_begin_with(
    here: Path,
    given: Mapping[str, str],
    toggles: dict[str, str] | None,
    axes: list[str],
    left_out: list[str],
    policy: str,
    capsys: Shown,
) -> None:
    """What is different by chance is no effect of a switch; a subchart is switched as its condition says."""
    chart(here, given)
    assert main(["init", "toy"]) == 0
    found = matrix(here)
    assert (found.get("toggles"), found.get("axes", [])) == (toggles, axes)
    shown = capsys.readouterr().out
    assert [line for line in left_out if f"  {line}\n" not in shown] == []
    written = [file.stem for file in (here / "policies").glob("toy/[a-z]*.py")]
    assert written == [policy] * bool(policy)
    assert ('"policies"' in (here / "chartgate.toml").read_text()) is bool(policy)


def test_the_oldest_helm_is_understood_as_well(here: Path, capsys: Shown) -> None:
    chart(here, NEEDY)
    assert main(["init", "toy", f"--helm={OLDEST.tool('helm')}"]) == 2
    said = "toy does not render: with its defaults, mode is needed (toy/templates/config.yaml:5), and there is no file"
    assert said in capsys.readouterr().err
