"""`chartgate init`: what it writes for a chart, and that this works as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from chartgate.commands.main import main
from chartgate.documents.yaml_texts import go_yaml
from chartgate.starting.project_files import hook_text
from chartgate.system.toolchain import OLDEST
from tests.engine.started import NEEDY, chart, files, matrix
from tests.engine.toys import CHART, CONFIG, GUARDED, TOY, write

Shown = pytest.CaptureFixture[str]
ROOT = Path(__file__).parents[3]

SCALED = """
{{- if .Values.autoscaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: {{ .Release.Name }}}
spec: {maxReplicas: {{ required "autoscaling.maxReplicas must be set" .Values.autoscaling.maxReplicas }}}
{{- end }}
"""
MONITORED = """
{{- if and .Values.monitor.enabled (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1") }}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: {{ .Release.Name }}}
{{- end }}
"""
SERVED = """
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec:
  type: {{ .Values.service.type }}
  {{- if eq .Values.service.type "NodePort" }}
  ports: [{port: 80, nodePort: 30080}]
  {{- else }}
  ports: [{port: 80}]
  {{- end }}
"""
IMAGES = """
apiVersion: v1
kind: Pod
metadata: {name: {{ .Release.Name }}}
spec:
  containers: [{name: web, image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"}]
  {{- with .Values.section }}
  nodeSelector: {{ toJson . }}
  {{- end }}
"""
EVERYTHING = {
    "values.yaml": (
        "mode: plain\nautoscaling: {enabled: false, maxReplicas: null}\nmonitor: {enabled: false}\n"
        "service: {type: ClusterIP}\nimage: {repository: example.com/web, tag: '1.0'}\nhost: {network: false}\n"
    ),
    "templates/config.yaml": CONFIG,
    "templates/hpa.yaml": SCALED,
    "templates/monitor.yaml": MONITORED,
    "templates/service.yaml": SERVED,
    "templates/pod.yaml": IMAGES,
    "templates/notes.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: notes}\n"
        "data: {network: '{{ if .Values.host.network }}host{{ end }}'}\n"
    ),
}
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
POLICY_OF_THE_TOY = '''\
"""What the switches of toy bring, and nothing of it while they are off."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.model import Check, Rendering
from chartgate.policy.checks import template_renders
from chartgate.policy.edits import added, gone
from chartgate.policy.policy import policy

TEMPLATES = ["secret.yaml"]


@policy(
    severity="error",
    remediation="Guard the whole template with `.Values.secret.enabled`.",
)
def secret_follows_its_switch(rendering: Rendering) -> Iterator[Check]:
    """These templates render something exactly while secret.enabled is true.

    What is left over of a feature that is off costs something that nobody asked for; what is missing
    of one that is on breaks those who rely on it.
    """
    wanted = rendering.scenario.value("secret.enabled")
    for template in TEMPLATES:
        yield template_renders(rendering, template, wanted=wanted)


# A policy is proved by what it must notice: a small change to what a scenario renders.
secret_follows_its_switch.breaks(
    "off",
    something_is_left_over=added(
        "{apiVersion: v1, kind: Secret, metadata: {name: left-over}}",
        "toy/templates/secret.yaml",
    ),
)
secret_follows_its_switch.breaks(
    "all_on",
    something_is_missing=gone("Secret toy-secret"),
)
'''


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


def test_the_first_policy_is_of_the_chart(here: Path) -> None:
    chart(here, TOY)
    assert main(["init"]) == 0
    assert (here / "policies" / "toy" / "switches.py").read_text() == POLICY_OF_THE_TOY
    assert files(here)[0] == "chartgate.toml"
    assert (here / "chartgate.toml").read_text() == (
        "# What chartgate and pytest use here.\n"
        'matrix = "tests/matrix.yaml"\n'
        'policies = ["kubernetes", "policies"]\n'
        '# A finding of a lower severity is told, and is not red: "warning" makes these red, too.\n'
        'fail_on = "error"\n'
    )


@pytest.mark.parametrize(
    ("given", "first"),
    [
        (EVERYTHING, "autoscaling_follows_its_switch"),
        (TOY, "secret_follows_its_switch"),
        ({"values.yaml": "mode: plain\n", "templates/config.yaml": CONFIG}, "configmap_is_always_there"),
        (NEEDY | {"ci/a-values.yaml": "mode: loud\n"}, "secret_follows_its_switch"),
    ],
    ids=["everything", "toy", "plain", "needy"],
)
def test_what_is_written_works_as_it_is(here: Path, given: Mapping[str, str], first: str, capsys: Shown) -> None:
    """The new policy is judged everywhere, holds, and is proved; nothing of the project is unusable."""
    chart(here, given)
    assert main(["init", "toy"]) == 0
    assert main(["check", first, "--proofs"]) == 0
    assert ": nothing is wrong" in capsys.readouterr().out
    assert main(["check"]) in (0, 1)
    assert "does not render" not in capsys.readouterr().out


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


def test_files_on_request(here: Path, capsys: Shown) -> None:
    chart(here, TOY)
    address = "chartgate @ git+https://example.com/chartgate@0123abc"
    assert main(["init", "toy", "--github", f"--install-from={address}", "--pre-commit"]) == 0
    steps = go_yaml.load((here / ".github/workflows/chartgate.yaml").read_text(), "workflow")["jobs"]["gate"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == [
        f"pip install '{address}'\n",
        "chartgate provision",
        "chartgate check --proofs",
    ]
    assert [
        re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"]) is None for step in steps if "uses" in step
    ] == [
        False,
        False,
    ]
    hooks = go_yaml.load((here / ".pre-commit-config.yaml").read_text(), "hooks")
    offered = {hook["id"]: hook for hook in go_yaml.load((ROOT / ".pre-commit-hooks.yaml").read_text(), "offered")}
    [hook] = [hook for repo in hooks["repos"] for hook in repo["hooks"]]
    same = ("id", "entry", "files", "pass_filenames", "require_serial")
    assert {key: hook[key] for key in same} == {key: offered["chartgate-check"][key] for key in same}
    assert "\n.github/workflows/chartgate.yaml\n.pre-commit-config.yaml\nchartgate.toml\n" in capsys.readouterr().out


def test_hooks_that_are_there_are_left_alone(here: Path, capsys: Shown) -> None:
    chart(here, TOY)
    (here / ".pre-commit-config.yaml").write_text("repos: []\n")
    assert main(["init", "toy", "--pre-commit"]) == 0
    assert (here / ".pre-commit-config.yaml").read_text() == "repos: []\n"
    said, _, added = capsys.readouterr().out.partition(
        "\n.pre-commit-config.yaml is there already, and is left alone: add to its `repos`\n"
    )
    assert f"repos:\n{added}" == hook_text()
    assert "\n.pre-commit-config.yaml\n" not in said


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


def test_in_the_folder_of_the_chart_it_says_what_helm_would_pack(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Shown
) -> None:
    chart(here, TOY | {".helmignore": "/tests/\n"})
    monkeypatch.chdir(here / "toy")
    assert main(["init"]) == 0
    assert capsys.readouterr().out.endswith(
        "These files are in the chart's own folder: for helm to leave them out of its package, add to .helmignore\n"
        "  /policies/\n  /chartgate.toml\n"
    )
    assert matrix(here / "toy")["chart"] == ".."


SUBCHART = {
    "Chart.yaml": f"{CHART}dependencies: [{{name: db, version: 1.0.0, condition: db.enabled}}]\n",
    "values.yaml": "mode: plain\ndb: {enabled: false}\n",
    "templates/config.yaml": CONFIG,
    "charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n",
    "charts/db/values.yaml": "metrics: {enabled: false}\n",
    "charts/db/templates/db.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: db}\n",
}
ONLY_GUARDED = {"values.yaml": "secret: {enabled: true, token: x}\n", "templates/secret.yaml": GUARDED}
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
    ],
    ids=["subchart", "only-guarded", "random", "empty-values"],
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
