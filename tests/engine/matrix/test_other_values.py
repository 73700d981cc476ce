"""Which values are given another path of the server, other folders and ports, or another type of a Service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chartgate.matrix.conventional import conventional_matrix
from chartgate.matrix.derivations.chosen_words import of_other_words
from chartgate.matrix.derivations.named_parts import with_named_parts
from chartgate.matrix.derivations.other_folders import CHOSEN_PATH, with_other_folders, with_other_paths
from chartgate.matrix.derivations.other_ports import with_other_ports
from chartgate.matrix.derivations.single_texts import all_texts_given
from chartgate.matrix.derivations.switch_turns import all_on, of_other_service_types, turned
from chartgate.matrix.derivations.user_values import with_other_accounts
from chartgate.model import Chart
from tests.engine.toys import chart_from


@pytest.mark.parametrize(
    ("values", "changed"),
    [
        ({"basePath": ""}, ["basePath"]),
        ({"web": {"contextPath": "/"}}, ["web.contextPath"]),
        ({"server": {"root_path": "/shop"}}, ["server.root_path"]),
        ({"pathPrefix": "", "urlPrefix": "/a"}, ["pathPrefix", "urlPrefix"]),
        ({"config": {"routePrefix": "/"}}, ["config.routePrefix"]),
        ({"webPath": "/x"}, ["webPath"]),
        # That of who asks, that of a disk, one that is no path, and one that is of something else.
        ({"ingress": {"pathPrefix": "/"}, "readinessProbe": {"basePath": "/"}}, []),
        ({"persistence": {"basePath": "/data"}}, []),
        ({"basePath": "s3://bucket"}, []),
        ({"basePath": 5, "prefix": "", "path": "/", "namePrefix": ""}, []),
    ],
)
def test_paths_of_the_server_are_others(values: dict[str, Any], changed: list[str], tmp_path: Path) -> None:
    pairs = list(with_other_paths(conventional_matrix(_chart(tmp_path, values)).rendering))
    assert [after.changes for _, after in pairs] == ([dict.fromkeys(changed, CHOSEN_PATH)] if changed else [])


@pytest.mark.parametrize(
    ("values", "changed"),
    [
        (
            {"web": {"name": ""}, "mqtt": {"serviceName": ""}},
            {"web.name": "chosen-part-0", "mqtt.serviceName": "chosen-part-1"},
        ),
        # What has a name already; what is made by somebody else, and a key that names the whole chart.
        ({"web": {"name": "a"}}, {"web.name": "chosen-part-0"}),
        ({"existingSecret": {"name": ""}, "serviceAccount": {"name": ""}, "nameOverride": ""}, {}),
    ],
)
def test_parts_get_names(values: dict[str, Any], changed: dict[str, str], tmp_path: Path) -> None:
    pairs = list(with_named_parts(conventional_matrix(_chart(tmp_path, values)).rendering))
    assert [after.changes for _, after in pairs] == ([changed] if changed else [])


@pytest.mark.parametrize(
    ("comment", "changed"), [("  # servicename:\n", {"web.servicename": "chosen-part-0"}), ("", None)]
)
def test_a_part_gets_the_name_that_a_comment_shows(
    comment: str, changed: dict[str, str] | None, tmp_path: Path
) -> None:
    template = "a: {{ default .Release.Name .Values.web.servicename }}"
    files = {"values.yaml": f"web:\n{comment}  port: 80\n", "templates/a.yaml": template}
    pairs = list(with_named_parts(conventional_matrix(_chart(tmp_path, {}, files)).rendering))
    assert [after.changes for _, after in pairs] == ([changed] if changed else [])


@pytest.mark.parametrize(
    ("values", "changed"),
    [
        ({"data": {"path": "/data"}, "log": "/data"}, {"data.path": "/data-x7", "log": "/data-x7"}),
        ({"config": "/etc/shop/shop.yaml"}, {"config": "/etc/shop/shop-x7.yaml"}),
        # A text, or a list of the values, has the path in it as well; who changes the one has to change the other.
        ({"path": "/data", "args": ["--path=/data/shop"]}, {}),
        ({"path": "/data", "paths": ["/data"]}, {}),
        # A path of a request, one that is not absolute, and the root.
        ({"ingress": {"path": "/shop"}, "readinessProbe": {"path": "/ready"}, "a": "b/c", "root": "/"}, {}),
    ],
)
def test_folders_are_others(values: dict[str, Any], changed: dict[str, str], tmp_path: Path) -> None:
    pairs = list(with_other_folders(conventional_matrix(_chart(tmp_path, values)).rendering))
    assert [after.changes for _, after in pairs] == ([changed] if changed else [])


@pytest.mark.parametrize(
    ("values", "changed"),
    [
        ({"port": 80, "metrics": {"port": 90}}, {"port": 21001, "metrics.port": 21008}),
        ({"a": {"port": 80}, "b": {"port": 80}}, {"a.port": 21001, "b.port": 21001}),
        # What a Service offers is not where the container listens, though both are 80.
        (
            {"port": 80, "service": {"port": 80, "targetPort": 80, "ports": {"webPort": 80}}},
            {"port": 21001, "service.port": 21008, "service.targetPort": 21001, "service.ports.webPort": 21008},
        ),
        # What the name of a Service's section names: its port, or the Service itself.
        ({"service": {"name": "http"}, "a": {"service": {"name": "shop"}}}, {"service.name": "another-2"}),
        ({"service": {"port": 80}, "url": "http://shop:80"}, {}),
        ({"nodePort": 30080, "service": {"nodePort": 30080}, "probe": {"port": 80}, "port": "80"}, {}),
    ],
)
def test_ports_are_others(values: dict[str, Any], changed: dict[str, Any], tmp_path: Path) -> None:
    pairs = list(with_other_ports(conventional_matrix(_chart(tmp_path, values)).rendering))
    assert [after.changes for _, after in pairs] == ([changed] if changed else [])


@pytest.mark.parametrize(
    ("values", "files", "changes"),
    [
        ({"service": {"type": "ClusterIP"}}, {}, [{"service.type": "NodePort"}, {"service.type": "LoadBalancer"}]),
        ({"serviceType": "LoadBalancer"}, {}, [{"serviceType": "ClusterIP"}, {"serviceType": "NodePort"}]),
        (
            {"a": {"type": "NodePort"}, "b": {"type": "ClusterIP"}},
            {},
            [{"a.type": "ClusterIP"}, {"b.type": "NodePort"}, {"a.type": "LoadBalancer", "b.type": "LoadBalancer"}],
        ),
        # What a schema leaves no choice, what a file in ci/ sets, and what is no type of a Service.
        (
            {"service": {"type": "ClusterIP"}},
            {"values.schema.json": '{"properties": {"service": {"properties": {"type": {"const": "ClusterIP"}}}}}'},
            [],
        ),
        ({"service": {"type": "ClusterIP"}}, {"ci/node-values.yaml": "service: {type: NodePort}\n"}, []),
        ({"auth": {"type": "basic"}, "service": "ClusterIP"}, {}, []),
    ],
)
def test_services_are_of_other_types(
    values: dict[str, Any], files: dict[str, str], changes: list[dict[str, str]], tmp_path: Path
) -> None:
    pairs = of_other_service_types(conventional_matrix(_chart(tmp_path, values, files)).rendering)
    assert [after.changes for _, after in pairs] == changes


def _chart(folder: Path, values: dict[str, Any], files: dict[str, str] | None = None) -> Chart:
    return chart_from(folder / "toy", {"values.yaml": json.dumps(values), **(files or {})})


@pytest.mark.parametrize(
    ("account", "is_named"),
    [
        ({"create": True, "name": ""}, True),
        # Helm leaves out what is null, as many a values.yaml has it.
        ({"create": True, "name": None}, True),
        ({"create": True, "name": "web"}, True),
        ({"create": True}, False),
        ({"create": False, "name": None}, False),
    ],
)
def test_accounts_get_names(account: dict[str, Any], is_named: bool, tmp_path: Path) -> None:
    pairs = with_other_accounts(conventional_matrix(_chart(tmp_path, {"serviceAccount": account})).rendering)
    assert [list(after.changes) for _, after in pairs] == ([["serviceAccount.name"]] if is_named else [])


def test_a_switch_is_given_what_its_section_demands(tmp_path: Path) -> None:
    served = '{{ if .Capabilities.APIVersions.Has "autoscaling.k8s.io/v1" }}{{ end }}'
    template = f"{served}{{{{ if .Values.tls.enabled }}}}{{{{ .Values.tls.ca.pem | b64enc }}}}{{{{ end }}}}"
    chart = _chart(tmp_path, {"tls": {"enabled": False, "ca": {}, "spare": None}}, {"templates/all.yaml": template})
    scenarios = conventional_matrix(chart).rendering
    [(_, after)] = turned(scenarios)
    on = all_on(scenarios)
    assert on is not None
    assert after.changes == on.changes == {"tls.ca.pem": "given", "tls.enabled": True}
    assert list(on.api_versions) == ["autoscaling.k8s.io/v1"]


def test_what_whole_objects_depend_on_is_turned_first(tmp_path: Path) -> None:
    words = "".join(f"{{{{ if .Values.a{n} }}}}a{{{{ end }}}}\nb: {n}\n" for n in range(8))
    words += "{{ if .Values.aSeconds }}wait: {{ .Values.aSeconds }}{{ end }}"  # no switch, but no number
    template = f"{words}{{{{- if .Values.last }}}}\napiVersion: v1\nkind: Secret\n{{{{- end }}}}"
    values = {"aSeconds": False, **{f"a{n}": False for n in range(8)}, "last": False}
    chart = _chart(tmp_path, values, {"templates/all.yaml": template})
    changes = [dict(after.changes) for _, after in turned(conventional_matrix(chart).rendering)]
    assert changes == [{"last": True}, *({f"a{n}": True} for n in range(5))]


def test_all_texts_are_given_but_those_that_name_something(tmp_path: Path) -> None:
    keys = ("config", "username", "existingSecret", "nameOverride", "list")
    asked = "".join(f"{{{{ if .Values.{key} }}}}a{{{{ end }}}}" for key in keys)
    template = f"{asked}\ndata: |\n  {{{{ .Values.config | nindent 2 }}}}\nlist: {{{{ .Values.list | nindent 2 }}}}"
    compared = '{{ if ne .Values.scopes "" }}a{{ end }}{{ if ne .Values.mode "plain" }}a{{ end }}'
    values = dict.fromkeys((*keys, "scopes", "mode"), "")
    chart = _chart(tmp_path, values, {"templates/all.yaml": f"{compared}{template}"})
    [(_, after)] = all_texts_given(conventional_matrix(chart).rendering)
    assert after.changes == {"config": "filled", "scopes": "filled", "username": "filled"}


@pytest.mark.parametrize(("kind", "words"), [("Deployment", ["Recreate"]), ("StatefulSet", [])])
def test_the_strategy_of_a_deployment_is_the_other_one(kind: str, words: list[str], tmp_path: Path) -> None:
    template = f"apiVersion: apps/v1\nkind: {kind}\nspec:\n  strategy:\n    type: {{{{ .Values.strategy }}}}\n"
    chart = _chart(tmp_path, {"strategy": "RollingUpdate"}, {"templates/web.yaml": template})
    pairs = of_other_words(conventional_matrix(chart).rendering)
    assert [after.changes["strategy"] for _, after in pairs] == words


@pytest.mark.parametrize(("rolling", "changes"), [({}, [{"update.type": "Recreate"}]), ({"maxSurge": 1}, [])])
def test_the_strategy_beside_an_empty_map_is_the_other_one(
    rolling: dict[str, int], changes: list[dict[str, str]], tmp_path: Path
) -> None:
    template = "apiVersion: apps/v1\nkind: Deployment\nspec:\n  strategy: {{ toYaml .Values.update | nindent 4 }}\n"
    values = {"update": {"type": "RollingUpdate", "rollingUpdate": rolling}}
    chart = _chart(tmp_path, values, {"templates/web.yaml": template})
    assert [after.changes for _, after in of_other_words(conventional_matrix(chart).rendering)] == changes
