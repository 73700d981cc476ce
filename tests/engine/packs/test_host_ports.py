"""Whose port a variable has beside that of a host, and which two variables say nothing of each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.matrix.conventional import conventional_matrix
from chartgate.packs.kubernetes.networking.host_ports import ports_are_of_their_host
from chartgate.policy.verdicts import judge
from chartgate.rendering.renderings import Renderings
from chartgate.system.toolchain import Tools
from tests.engine.toys import chart_from

_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: web\n    env:\n"
    "    - {name: DB_HOST, value: {{ .Values.%s }}}\n    - {name: %s, value: {{ .Values.%s | int64 | quote }}}\n"
    "    - {name: OTHER, value: {{ .Values.cache.port | int64 | quote }}}\n"
)
_VALUES = "db: {host: db.example.com, port: 5432}\ncache: {host: '', port: 6379}\nown: {host: a.example.com}\n"


@pytest.mark.parametrize(
    ("host", "name", "port", "found"),
    [
        ("db.host", "DB_PORT", "cache.port", ["cache.port"]),
        # The host is empty by default.
        ("cache.host", "DB_PORT", "db.port", ["db.port"]),
        ("db.host", "DB_PORT", "db.port", []),
        # Its section has no port, and the other variable has another name.
        ("own.host", "DB_PORT", "cache.port", []),
        ("db.host", "CACHE_PORT", "cache.port", []),
    ],
)
def test_whose_port_it_is(host: str, name: str, port: str, found: list[str], tmp_path: Path, tools: Tools) -> None:
    files = {"templates/web.yaml": _POD % (host, name, port), "values.yaml": _VALUES}
    chart = chart_from(tmp_path / "toy", files)
    renderings = Renderings(chart, tools, (), tmp_path / "runs")
    cases = ports_are_of_their_host.cases(conventional_matrix(chart).rendering)
    findings = [f for case in cases for f in judge(ports_are_of_their_host, case, renderings.of).findings]
    assert [finding.actual for finding in findings] == found
