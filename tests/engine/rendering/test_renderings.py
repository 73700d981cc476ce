"""What helm made of a scenario, or why not: once per distinct input, and never an exception but for a tool."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path

import pytest

from chartgate.charts.chart_values.coalescing import coalesce
from chartgate.documents.addresses import ABSENT
from chartgate.errors import ToolError
from chartgate.matrix.matrix import PatchHook
from chartgate.model import Chart
from chartgate.rendering.renderings import Renderings
from chartgate.system.toolchain import Tools
from tests.engine.toys import HELM_VERSION, TOY, Wrapper, chart_from, scenario, script, wrapper, write

HEADER = "---\\n# Source: toy/templates/config.yaml\\n"
HOOKED = {
    "templates/hooked.yaml": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec: {template: {spec: {containers: [{name: web, image: a}]}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: patch}
data:
  patch.yaml: |
    spec: {template: {spec: {containers: [{name: web}, {name: side, image: {{ .Values.mode }}}]}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: patcher}
spec:
  template:
    spec:
      containers:
        - name: patch
          env: [{name: PATCH, value: /patch/patch.yaml}, {name: TARGET, value: app=web}]
          volumeMounts: [{name: patch, mountPath: /patch}]
      volumes: [{name: patch, configMap: {name: patch}}]
"""
}
SUBCHART = "apiVersion: v2\nname: sub\nversion: 1.0.0\n"
HOOK = PatchHook("patcher", "PATCH", "TARGET")


@pytest.fixture
def helm(tmp_path: Path, tools: Tools) -> Wrapper:
    return wrapper(tmp_path / "wrapped", tools.helm)


def _with(chart: Chart, tools: Tools, helm: Path, folder: Path, *hooks: PatchHook) -> Renderings:
    return Renderings(chart, dataclasses.replace(tools, helm=helm), hooks, folder)


def test_equal_inputs_start_helm_once(toy: Chart, tools: Tools, helm: Wrapper, tmp_path: Path) -> None:
    loud, again, refused = scenario("loud", mode="loud"), scenario("again", mode="loud"), scenario("no", mode=[1])
    renderings = _with(toy, tools, helm.path, tmp_path / "run")
    renderings.prepare([loud, again, refused, loud])
    renderings.prepare([refused])
    other_process = _with(toy, tools, helm.path, tmp_path / "run")
    assert other_process.of(loud) == renderings.of(loud)
    assert other_process.of(refused).error == renderings.of(refused).error
    assert sorted(start.stdin for start in helm.starts("template")) == ["mode:\n- 1\n", "mode: loud\n"]
    assert renderings.of(again).scenario is again
    assert renderings.of(again).resources == renderings.of(loud).resources
    _with(toy, tools, helm.path, tmp_path / "other-run").of(loud)
    assert len(helm.starts("template")) == 3


def test_what_a_rendering_holds(toy: Chart, tools: Tools, tmp_path: Path) -> None:
    rendering = _with(toy, tools, tools.helm, tmp_path / "run").of(scenario(mode="loud"))
    assert (rendering.error, rendering.warnings, rendering.chart) == ("", (), toy)
    assert rendering.resources.one("ConfigMap", "demo-config").at("data.mode") == "loud"
    assert rendering.after_hooks == rendering.resources


def test_a_later_edit_of_the_source_changes_nothing(toy: Chart, tools: Tools, helm: Wrapper, tmp_path: Path) -> None:
    """Helm reads `folder`, this run's own copy; `source` is for messages only."""
    source = write(tmp_path / "source", {"Chart.yaml": "broken: ["})
    chart = dataclasses.replace(toy, source=str(source))
    assert _with(chart, tools, helm.path, tmp_path / "run").of(scenario()).error == ""
    [start] = helm.starts("template")
    assert start.arguments[2] == str(toy.folder)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("exit 0", "helm rendered no resource at all"),
        (f"printf %b '{HEADER}# nothing'", "helm rendered no resource at all"),
        ("exit 3", "helm failed with exit code 3"),
        ("echo 'Error: no such chart' >&2; exit 1", "Error: no such chart"),
        (
            f"printf %b '{HEADER}a: 1\\n---\\n# Source: toy/templates/big.yaml\\n'; exec yes",
            "toy/templates/big.yaml prints too much: helm was stopped after 64 MiB, most of them from it",
        ),
        ("printf 'panic: x\\n\\ngoroutine 1 [running]:\\n' >&2; exit 2", "helm itself broke (panic): x"),
        ("echo Hello", "helm wrote something that is not a manifest: 'Hello'"),
        ("echo 'bad token t0p-s3cret' >&2; exit 1", "bad token t0p-s3cret"),
        ("echo t0p-s3cret", "helm wrote something that is not a manifest: 't0p-s3cret'"),
    ],
)
def test_what_went_wrong_is_the_error(body: str, error: str, toy: Chart, tools: Tools, tmp_path: Path) -> None:
    helm = script(tmp_path / "helm", HELM_VERSION + body)
    given = dataclasses.replace(scenario(), values=coalesce(toy, {}))
    rendering = _with(toy, tools, helm, tmp_path / "run").of(given)
    assert rendering.error.endswith(error)
    assert (rendering.resources, rendering.after_hooks) == ([], [])


@pytest.mark.parametrize(
    ("output", "subject", "actual"),
    [
        ("kind: Conf", "Conf", "(absent)"),
        ("kind: {", "a document", "line 2, column 1: did not find expected node content"),
        ("- a", "a document", "a list"),
    ],
)
def test_what_is_no_object_is_a_flaw(
    output: str, subject: str, actual: str, toy: Chart, tools: Tools, tmp_path: Path
) -> None:
    helm = script(tmp_path / "helm", HELM_VERSION + f"printf %b '{HEADER}{output}'")
    given = dataclasses.replace(scenario(), values=coalesce(toy, {}))
    rendering = _with(toy, tools, helm, tmp_path / "run").of(given)
    assert (rendering.error, rendering.resources) == ("", [])
    assert [(flaw.subject, str(flaw.actual)) for flaw in rendering.flaws] == [(subject, actual)]


def test_the_same_input_is_rendered_again_where_that_is_asked_for(toy: Chart, tools: Tools, tmp_path: Path) -> None:
    helm = wrapper(tmp_path / "wrapped", tools.helm)
    given = dataclasses.replace(scenario(), values=coalesce(toy, {}))
    renderings = _with(toy, tools, helm.path, tmp_path / "run")
    for asked in (given, given.again(1), given.again(2), given, given.again(1)):
        assert renderings.of(asked).resources.one("ConfigMap", "demo-config")
    assert len(helm.starts("template")) == 3


def test_warnings_are_kept(toy: Chart, tools: Tools, tmp_path: Path) -> None:
    body = f"echo 'warning: t0p-s3cret is short' >&2; echo >&2; echo second >&2; {tools.helm} \"$@\""
    given = dataclasses.replace(scenario(), values=coalesce(toy, {}))
    rendering = _with(toy, tools, script(tmp_path / "helm", body), tmp_path / "run").of(given)
    assert rendering.warnings == ("warning: t0p-s3cret is short", "second")
    assert rendering.error == ""


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("exec sleep 60", "was stopped: no answer within 0.2 s"),
        ("printf '\\377'", "is not UTF-8"),
        ("kill -9 $$", "--values - was ended by SIGKILL: is there enough memory?"),
        ("echo slain >&2; exit 137", "--values - was ended by SIGKILL: is there enough memory?"),
        ("kill -SEGV $$", "--values - was ended by SIGSEGV"),
        ("exit 200", "--values - was ended by signal 72"),
        ("exec /nonexistent/helm", "/helm cannot be started: "),
    ],
)
def test_a_tool_that_fails_is_an_exception_and_no_process_starts_it_again(
    body: str, message: str, toy: Chart, tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHARTGATE_TIMEOUT", "0.2" if "sleep" in body else "60")
    starts = tmp_path / "starts"
    renderings = _with(toy, tools, script(tmp_path / "helm", f"echo x >> {starts}\n{body}"), tmp_path / "run")
    for again in (renderings, _with(toy, tools, tools.helm, tmp_path / "run")):
        with pytest.raises(ToolError, match=re.escape(message)):
            again.prepare([scenario(str(number), mode=str(number)) for number in range(20)])
    assert len(starts.read_text().splitlines()) <= (os.cpu_count() or 1)


def test_values_that_only_a_policy_tries_may_keep_helm_busy_for_ever(
    toy: Chart, tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHARTGATE_TIMEOUT", "0.2")
    renderings = _with(toy, tools, script(tmp_path / "helm", "exec sleep 60"), tmp_path / "run")
    tried = dataclasses.replace(scenario("one.texts"), is_trial=True)
    assert renderings.of(tried).error == f"helm gave no answer within 0.2 s for {toy.folder}"
    assert renderings.unanswered == {"one.texts"}


def test_hooks_run_once_per_distinct_content(toy: Chart, tools: Tools, tmp_path: Path) -> None:
    write(toy.folder, HOOKED)
    kubectl = wrapper(tmp_path / "wrapped", tools.kubectl)
    renderings = Renderings(toy, dataclasses.replace(tools, kubectl=kubectl.path), (HOOK,), tmp_path / "run")
    plain, twin, loud = scenario("plain"), scenario("twin", cache={"enabled": True}), scenario("loud", mode="loud")
    renderings.prepare([plain, twin, loud])
    assert len(kubectl.starts("patch")) == 2
    web = renderings.of(loud).after_hooks.one("Deployment", "web")
    assert [(c["name"], c["image"]) for c in web.at("spec.template.spec.containers")] == [
        ("web", "a"),
        ("side", "loud"),
    ]
    before = renderings.of(loud).resources.one("Deployment", "web")
    assert before.at("spec.template.spec.containers[side]") is ABSENT
    assert renderings.of(twin).after_hooks == renderings.of(plain).after_hooks


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("echo 'error: bad patch' >&2; exit 1", "kubectl refuses the hook's patch: error: bad patch"),
        ("echo '- x'", "kubectl wrote something that is not a manifest: '- x"),
    ],
)
def test_a_hook_that_fails_leaves_the_resources_and_says_why(
    body: str, message: str, toy: Chart, tools: Tools, tmp_path: Path
) -> None:
    write(toy.folder, HOOKED)
    kubectl = script(tmp_path / "kubectl", body)
    renderings = Renderings(toy, dataclasses.replace(tools, kubectl=kubectl), (HOOK,), tmp_path / "run")
    rendering = renderings.of(scenario())
    assert message in rendering.hook_error
    assert (rendering.error, rendering.after_hooks) == ("", rendering.resources)


def test_a_kubectl_that_is_missing_is_an_exception(toy: Chart, tools: Tools, tmp_path: Path) -> None:
    write(toy.folder, HOOKED)
    nobody = dataclasses.replace(tools, kubectl=tmp_path / "nobody")
    with pytest.raises(ToolError, match=r"/nobody is not there: run `chartgate provision`"):
        Renderings(toy, nobody, (HOOK,), tmp_path / "run").of(scenario())


@pytest.mark.parametrize(
    ("broken", "starts"),
    [
        ({"templates/a.yaml": "{{ nosuchfunction . }}"}, 2),
        ({"templates/a.yaml": "{{ if true }}"}, 2),
        # What is said while a template runs may be said of these values only, and a subchart may be off for others.
        ({"templates/a.yaml": '{{ tpl "{{ if }}" . }}'}, 3),
        ({"charts/sub/Chart.yaml": SUBCHART, "charts/sub/templates/a.yaml": "{{ if true }}"}, 3),
    ],
    ids=["an unknown function", "a missing end", "a text parsed by tpl", "a subchart"],
)
def test_a_template_of_the_chart_that_cannot_be_parsed_is_tried_once(
    broken: dict[str, str], starts: int, tools: Tools, helm: Wrapper, tmp_path: Path
) -> None:
    """But for what helm must refuse, which it may do before it parses anything."""
    chart = chart_from(tmp_path / "broken", TOY | broken)
    renderings = _with(chart, tools, helm.path, tmp_path / "run")
    loud, plain = renderings.of(scenario("loud", mode="loud")), renderings.of(scenario("plain", mode="plain"))
    assert "Error: " in loud.error
    assert plain.error == loud.error
    assert plain.scenario.name == "plain"
    refused = dataclasses.replace(scenario("no", mode=[1]), refusal=("mode",))
    assert "mode" in renderings.of(refused).error
    assert len(helm.starts("template")) == starts
