"""Helm's own library gives what helm gives, byte for byte, or leaves it to helm."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from chartgate.commands.main import main
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.rendering import helm_order, helm_template, in_process, library
from chartgate.rendering.helm_order import documents
from chartgate.rendering.helm_template import HelmOutput
from chartgate.rendering.in_process import InProcess
from chartgate.rendering.renderings import Renderings
from chartgate.system.processes import end_tools
from chartgate.system.toolchain import PINNED, Tools
from tests.engine.rendering.test_manifests import CM, STRANGE
from tests.engine.toys import CHART, CONFIG, TOY, archive, chart_from, scenario, wrapper, write

pytestmark = pytest.mark.skipif(
    in_process.installed_version() is None, reason="helm-python-sdk has no wheel for this machine"
)

SHOWN = f"{CM}metadata: {{{{name: shown}}}}\ndata: {{{{a: {{{{{{{{ {{}} | quote }}}}}}}}}}}}\n"
SUB = "apiVersion: v2\nname: sub\nversion: 0.1.0\n"


def wants(dependency: str, **more: str) -> dict[str, str]:
    """Give a chart with one subchart, and the entry for it."""
    entry = "".join(f", {key}: {value}" for key, value in more.items())
    return {
        "Chart.yaml": f"{CHART}dependencies: [{{name: {dependency}, version: '*'{entry}}}]\n",
        "charts/sub/Chart.yaml": SUB,
        "charts/sub/values.yaml": "mode: own\nexports: {up: {raised: 1}}\n",
        "charts/sub/crds/a.yaml": "kind: CustomResourceDefinition\n",
        "charts/sub/templates/config.yaml": SHOWN.format("toJson .Values"),
    }


def shows(expression: str) -> dict[str, str]:
    """Give a chart that prints what an expression gives."""
    return {"templates/shown.yaml": SHOWN.format(expression)}


ALIKE: dict[str, tuple[Mapping[str, str], dict[str, Any]]] = {
    "toy": (TOY, {"secret": {"enabled": True}}),
    "documents, lists, hooks and CRDs": (STRANGE, {}),
    "a subchart that is off": (wants("sub", condition="sub.enabled"), {"sub": {"enabled": False}}),
    "a subchart that a tag turns off": (wants("sub", tags="[x]"), {"tags": {"x": False}}),
    "a subchart of another name": (wants("sub", alias="other"), {"other": {"mode": "x"}, "global": {"a": 1}}),
    "values that a subchart hands up": (
        wants("sub", **{"import-values": "[up]"}) | shows("toJson .Values"), {"x": None, "sub": {"mode": None}}
    ),
    "every kind of number": (
        shows("toJson .Values"), {"a": 12_000_000, "b": 1.5, "c": 2**53 + 1, "d": 1e21, "e": -1, "f": [1.0, None, True]}
    ),
    "numbers as text": (shows('printf "%v %T %v" .Values.a .Values.a .Values.b'), {"a": 12_000_000, "b": 0.1}),
    "text of any kind": (shows("toJson .Values"), {"a": "ünï 😀\t\n'\"", "b": "1e3", "c": "yes", "d": "\u2028 <&>"}),
    "the release": (shows("toJson .Release"), {}),
    "the chart": (shows("toJson .Chart"), {}),
    "the version of Kubernetes": (shows("toJson .Capabilities.KubeVersion"), {}),
    "the APIs": (shows("toJson .Capabilities.APIVersions"), {}),
    "an API that is given": (shows('.Capabilities.APIVersions.Has "toy.io/v1/Gadget"'), {}),
    "the same in the context of a named template": (
        shows('include "a" (dict "x" 1 "Capabilities" $.Capabilities)')
        | {"templates/_a.tpl": '{{/* Of "Capabilities". */}}{{ define "a" }}{{ .Capabilities.KubeVersion }}{{ end }}',
           "crds/a.yaml": f"{CM}metadata: {{name: Capabilities}}\n"}, {}
    ),
    "lookup": (shows('toJson (lookup "v1" "Secret" "shop" "x")'), {}),
    "files": (shows('.Files.Get "a.txt"') | {"a.txt": "text\n"}, {}),
    "globs": (shows('(.Files.Glob "*.txt").AsConfig') | {"a.txt": "1", "b.txt": "2"}, {}),
    "tpl": (shows("tpl .Values.a ."), {"a": "{{ .Release.Name }}-{{ .Values.b }}", "b": 1}),
    "a library in charts/": (
        {"charts/lib/Chart.yaml": "apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n",
         "charts/lib/templates/_a.tpl": '{{ define "lib.a" }}x{{ end }}'} | shows('include "lib.a" .'), {}
    ),
    "notes, and a template that prints nothing": (
        {"templates/NOTES.txt": "hi\n", "templates/empty.yaml": "{{ if false }}a{{ end }}"} | TOY, {}
    ),
    "kinds that have no place": (
        {f"templates/{kind}.yaml": f"apiVersion: toy.io/v1\nkind: {kind}\nmetadata: {{name: a}}\n"
         for kind in ("Zebra", "Apple", "Service", "Namespace", "Middle")}, {}
    ),
    "hooks in the order of their kinds": (
        {f"templates/{number}.yaml": f"kind: {kind}\nmetadata: {{name: a, annotations: {{helm.sh/hook: '{event}'}}}}\n"
         for number, (kind, event) in enumerate(
             [("Job", "Pre-Install, post-upgrade"), ("Secret", "test"), ("Pod", "test-success")])}
        | {"templates/plain.yaml": CONFIG}, {"mode": "x"}
    ),
    "lines of dashes": (
        {"templates/a.yaml": f"\n \n---\n\n---\n---\n{CM}metadata: {{name: a}}\n--- \n\n  # nothing\n---{CM}"
         f"metadata: {{name: b}}\n\n\n---  \n{CM}metadata: {{name: c}}\ndata: {{x: '---'}}   \n\t\n---\n"}, {}
    ),
    "lines that end in CRLF": (
        {"templates/a.yaml": f"{CM}metadata: {{name: a}}\n---\n{CM}metadata: {{name: b}}\n".replace("\n", "\r\n")}, {}
    ),
    "names and annotations that are null": (
        {"templates/a.yaml": "kind: Secret\nmetadata: {name: null, annotations: {a: null}}\n---\nkind:\n"}, {}
    ),
    "a key twice": ({"templates/a.yaml": f"{CM}kind: Secret\nmetadata: {{name: a}}\n"}, {}),
    "a version of Kubernetes that is asked for": ({"Chart.yaml": f"{CHART}kubeVersion: '>=1.20'\n"} | shows("1"), {}),
}  # fmt: skip
"""What the library renders: the files of a chart, and values."""

LEFT: dict[str, tuple[Mapping[str, str], dict[str, Any]]] = {
    "a template that fails": (shows('fail "no"'), {}),
    "a template that cannot be parsed": ({"templates/a.yaml": "{{ if }}"}, {}),
    "values that the schema refuses": (TOY, {"mode": 1}),
    "a value for a subchart that is no map": (wants("sub"), {"sub": 1}),
    "a version of Kubernetes that is too old": ({"Chart.yaml": f"{CHART}kubeVersion: '>=1.99'\n"} | shows("1"), {}),
    "a chart that is deprecated": ({"Chart.yaml": f"{CHART}deprecated: true\n"} | shows("1"), {}),
    "a template that asks which helm it is": (shows("toJson .Capabilities.HelmVersion"), {}),
    "a template that takes all of it": (shows("toJson .Capabilities"), {}),
    "a template that takes all of it by its name": (shows('toJson (index . "Capabilities")'), {}),
    "a named template that takes all of it": (
        shows('include "a" (dict "Capabilities" .Capabilities)')
        | {"templates/_a.tpl": '{{ define "a" }}{{ toJson .Capabilities }}{{ end }}'}, {}
    ),
    "values that ask which helm it is": (shows("tpl .Values.a ."), {"a": "{{ .Capabilities.HelmVersion.Version }}"}),
    "a context that holds it": (shows('toJson (omit . "Files" "Template")'), {}),
    "a schema and a template that refuse": (
        {"templates/a.yaml": '{{ fail "no" }}', "values.schema.json": '{"required": ["never"]}'}, {}
    ),
    "no YAML": ({"templates/a.yaml": "a: [\n"}, {}),
    "a list": ({"templates/a.yaml": "- a\n"}, {}),
    "an annotation that is no text": ({"templates/a.yaml": f"{CM}metadata: {{name: a, annotations: {{a: 1}}}}\n"}, {}),
    "a kind that is no text": ({"templates/a.yaml": "apiVersion: v1\nkind: 5\nmetadata: {name: a}\n"}, {}),
    "a hook of an event that is none": (
        {"templates/a.yaml": f"{CM}metadata: {{name: a, annotations: {{helm.sh/hook: 'test,never'}}}}\n"} | TOY, {}
    ),
    "a key in another case": ({"templates/a.yaml": "apiVersion: v1\nKind: Secret\nmetadata: {name: a}\n"}, {}),
    "a template that calls itself": ({"templates/_a.tpl": '{{ define "a" }}{{ include "a" . }}{{ end }}'}
                                     | shows('include "a" .'), {}),
    "a kind whose line ends with it": ({"templates/a.yaml": f"{CONFIG}---\nkind: |\n  Secret"}, {}),
}  # fmt: skip
"""What helm is asked for, since it refuses it or may give something else."""


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    yield
    library.end_all()


def both(files: Mapping[str, str], values: dict[str, Any], folder: Path, tools: Tools) -> tuple[Any, Any, Any]:
    """Give what the library makes of a chart, what helm makes of it, and what a run gets at its second rendering."""
    chart = chart_from(folder / "toy", files)
    given = dataclasses.replace(scenario(**values), kube_version="1.31.0", api_versions=("toy.io/v1/Gadget",))
    asked = helm_template.helm_input(chart, given, tools)
    renderer = InProcess(chart, tools)
    first, second = renderer.template(asked), renderer.template(asked)
    return (
        (in_process.made(asked), helm_template.template(asked), second)
        if first.exit_code == 0
        else (None, first, second)
    )


def test_what_many_renderings_have_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    load_all = go_yaml.load_all

    def counted(text: str, *more: Any) -> list[Any]:
        read.append(text.rstrip())
        return load_all(text, *more)

    monkeypatch.setattr(go_yaml, "load_all", counted)
    for number in range(3):
        helm_order.put_together({"a.yaml": "kind: A1\n---\nkind: B1", "b.yaml": f"kind: C{number}"}, [])
    assert read == ["kind: A1", "kind: B1", "kind: C0", "kind: C1", "kind: C2"]


@pytest.mark.parametrize("name", ALIKE)
def test_both_give_the_same(name: str, tmp_path: Path, tools: Tools) -> None:
    made, helms, second = both(*ALIKE[name], tmp_path, tools)
    assert helms.exit_code == 0, helms.stderr
    assert made == helms == second


@pytest.mark.parametrize("name", LEFT)
def test_helm_is_asked_for_all_else(name: str, tmp_path: Path, tools: Tools) -> None:
    recorder = wrapper(tmp_path / "wrapped", tools.helm)
    _, helms, second = both(*LEFT[name], tmp_path, dataclasses.replace(tools, helm=recorder.path))
    assert second.exit_code == helms.exit_code
    assert second.stderr == helms.stderr
    assert len(recorder.starts("template")) >= 2, "at both renderings"


@pytest.mark.parametrize(
    "failing",
    [
        'fail "no"',
        'required "say which" .Values.none',
        ".Values.none.of.these",
        'tpl "{{ .Values.none.of.these }}" .',
        'include "nobody" .',
    ],
)
def test_what_is_tried_fails_in_the_words_of_helm(failing: str, tmp_path: Path, tools: Tools) -> None:
    recorder = wrapper(tmp_path / "wrapped", tools.helm)
    own = dataclasses.replace(tools, helm=recorder.path)
    text = f"{CONFIG}---\n{{{{ if .Values.tried }}}}a: {{{{ {failing} }}}}{{{{ end }}}}\n"
    chart = chart_from(tmp_path / "toy", {"templates/a.yaml": text})
    healthy, tried = (helm_template.helm_input(chart, scenario(tried=is_tried), own) for is_tried in (False, True))
    renderer = InProcess(chart, own)
    assert renderer.template(healthy).exit_code == 0
    starts = len(recorder.starts("template"))
    found = renderer.template(tried, is_trial=True)
    assert len(recorder.starts("template")) == starts
    assert found == renderer.template(tried) == helm_template.template(tried)


@pytest.mark.parametrize("expression", ["randAlphaNum 32", 'genPrivateKey "ecdsa" | b64enc'])
def test_chance_is_left_to_the_library_too(expression: str, tmp_path: Path, tools: Tools) -> None:
    recorder = wrapper(tmp_path / "wrapped", tools.helm)
    _, helms, second = both(shows(expression), {}, tmp_path, dataclasses.replace(tools, helm=recorder.path))
    assert helms.exit_code == second.exit_code == 0
    assert len(recorder.starts("template")) == 3, "twice to see what is by chance, and once by this test"


@pytest.mark.parametrize(
    ("made", "helms", "is_trusted"),
    [
        ("a\nb", ["a\nb"], True),
        ("a\nx", ["a\ny", "a\nz"], True),
        ("a\nx", ["a\ny", "a\ny"], False),  # it differs, and not by chance
        ("b\nx", ["a\ny", "a\nz"], False),  # one line does
        ("a\nx", ["a\ny\nz", "a\nz"], False),
        ("a\nx", ["a\ny", "a\ny\nz"], False),
    ],
)
def test_what_the_library_gives_is_trusted_once_it_agrees(
    made: str, helms: list[str], is_trusted: bool, toy: Any, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    helm = iter([*helms, "from helm"])
    monkeypatch.setattr(in_process, "made", lambda _, **__: HelmOutput(0, made, ""))
    monkeypatch.setattr(in_process, "template", lambda _: HelmOutput(0, next(helm), ""))
    asked = helm_template.helm_input(toy, scenario(), tools)
    renderer = InProcess(toy, tools)
    assert renderer.template(asked).stdout == helms[0]
    assert renderer.template(asked).stdout == (made if is_trusted else "from helm")


def test_a_template_that_is_not_utf8_is_left_to_helm(tmp_path: Path, tools: Tools) -> None:
    (tmp_path / "toy" / "templates").mkdir(parents=True)
    (tmp_path / "toy" / "templates" / "a.yaml").write_bytes(f"{CM}metadata: {{name: a}}\n".encode("utf-16"))
    made, helms, second = both({}, {}, tmp_path, tools)
    assert made is None
    assert second == helms


def test_a_packed_subchart_may_ask_which_helm_it_is(tmp_path: Path, tools: Tools) -> None:
    packed = {"sub/Chart.yaml": SUB, "sub/templates/a.yaml": shows(".Capabilities.HelmVersion")["templates/shown.yaml"]}
    archive(write(tmp_path / "toy", TOY) / "charts" / "sub-0.1.0.tgz", packed)
    _, helms, second = both({}, {}, tmp_path, tools)
    assert second == helms


@pytest.mark.parametrize(
    "text",
    [*("", "\n", "a", "---", "\n---\n", "a\n---\n---\nb", "---a", "a\n----\nb", "a \t\n\n\n---"),
     "\x0ba\u2003\n---\n \x85b\xa0\n"],
)  # fmt: skip
def test_documents_are_cut_as_by_the_pattern_of_helm(text: str) -> None:
    """https://github.com/helm/helm/blob/v4.2.3/pkg/release/v1/util/manifest.go: it is quadratic in Python."""
    space = "\t\n\v\f\r \x85\xa0\u2003"
    pieces = re.split(r"(?:\A|[\t\n\f\r ]*\n)---[\t\n\f\r ]*", text.lstrip(space))
    assert documents(text) == [piece.lstrip(space) for piece in pieces if piece.strip(space)]


def test_a_library_that_dies_or_hangs_is_replaced_by_helm(
    tmp_path: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_process, "time_limit", lambda: 2.0)
    worker, asked = tmp_path / "worker.py", tmp_path / "asked"
    monkeypatch.setattr(library, "WORKER", worker)
    given = helm_template.helm_input(chart_from(tmp_path / "toy", TOY), scenario(), tools)
    helms = helm_template.template(given)
    for body in ("sys.exit(3)", "time.sleep(60)", "print('junk', flush=True)", "print('x' * 9, flush=True); 1 / 0"):
        asked.write_text("")
        listens = f"open({str(asked)!r}, 'a').write(sys.stdin.readline())"
        worker.write_text(f"import sys, time\nprint('{{}}', flush=True)\n{listens}\n{body}\n")
        renderer = InProcess(given.chart, tools)
        assert [renderer.template(given) for _ in range(5)] == [helms] * 5
        assert len(asked.read_text().splitlines()) == 1, "who does not answer is not asked again"
        library.end_all()


def test_nothing_is_left_running_when_a_run_is_killed() -> None:
    """Even a library that is at something that never ends hears that nobody is there any longer."""
    run = subprocess.Popen(
        [sys.executable, "-c", "import sys, time; from chartgate.rendering import library as i\n"
         "i.begin(); print(*i.process_ids(), flush=True); time.sleep(60)"],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert run.stdout
    worker = int(run.stdout.readline())
    run.kill()
    run.communicate()
    end = time.monotonic() + 30
    while _is_running(worker) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _is_running(worker)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


def test_ctrl_c_ends_it() -> None:
    library.begin()
    [process] = library.process_ids()
    end_tools()
    end = time.monotonic() + 30
    while _is_running(process) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _is_running(process)


def test_another_helm_is_refused(tmp_path: Path, toy: Any, tools: Tools) -> None:
    message = (
        r"^--renderer=inprocess: helm-python-sdk 0\.2\.2 renders as helm 4\.2\.3, and this run's helm is 3\.17\.3 at"
    )
    with pytest.raises(InputError, match=message):
        Renderings(toy, dataclasses.replace(tools, helm_version="3.17.3 at x", is_in_process=True), (), tmp_path)


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (None, "is not installed: `pip install 'chartgate[inprocess]'`"),
        ("9.9.9", "is 9.9.9, not 0.2.2, which was compared"),
    ],
)
def test_a_library_that_nobody_compared_is_refused(
    version: str | None, message: str, toy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(in_process, "installed_version", lambda: version)
    monkeypatch.chdir(tmp_path)
    assert main(["check", f"--chart={toy.source}", "--policies=kubernetes", "--renderer=inprocess"]) == 2
    shown = capsys.readouterr().err
    assert shown.endswith(f"--renderer=inprocess: helm-python-sdk {message}\n")
    assert len(shown.splitlines()) == 1


def test_a_run_starts_helm_once_for_all_that_render(tmp_path: Path, toy: Any, tools: Tools) -> None:
    recorder = wrapper(tmp_path / "wrapped", tools.helm)
    used = dataclasses.replace(tools, helm=recorder.path, is_in_process=True)
    renderings = Renderings(toy, used, (), tmp_path / "runs")
    given = [scenario(f"s{number}", mode=f"m{number}") for number in range(5)]
    for one in given:
        found = renderings.of(one).resources.one("ConfigMap", "demo-config")
        assert found.at("data.mode") == one.value("mode")
    assert len(recorder.starts("template")) == 1


def test_it_is_this_helm() -> None:
    assert in_process.HELMS[str(in_process.installed_version())] == PINNED.helm
    assert in_process.installed_version() == importlib.metadata.version("helm-python-sdk")


def test_another_folder_of_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", [str(tmp_path / "gone"), str(tmp_path)])
    assert in_process.installed_version() is None
    (tmp_path / "helm_python_sdk-1.2.3.dist-info").mkdir()
    assert in_process.installed_version() == "1.2.3"
