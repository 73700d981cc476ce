"""What policies derive makes no keys: the same objects, in a tenth of the time."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.matrix.conventional import conventional_matrix
from chartgate.matrix.derivations.derived import with_values
from chartgate.rendering.given_keys import without_new_keys
from chartgate.rendering.renderings import Renderings
from chartgate.system.toolchain import Tools
from tests.engine.toys import chart_from

_TLS = """\
{{- $ca := genCA "web-ca" 365 }}
{{- $cert := genSignedCert "web" nil (list "web" .Values.host) 365 $ca -}}
{{- $own := 365 | genSelfSignedCert "web" nil nil -}}
apiVersion: v1
kind: Secret
metadata: {name: web, annotations: {made-by: "genCA"}}
stringData:
  ca.crt: {{ $ca.Cert | quote }}
  tls.crt: {{ $cert.Cert | quote }}
  tls.key: {{ $cert.Key | quote }}
  own.crt: {{ $own.Cert | quote }}
  own.key: {{ genPrivateKey "ed25519" | quote }}
  login: {{ htpasswd "web" .Values.password | quote }}
  hash: {{ .Values.password | bcrypt | quote }}
  word: {{/* genCA "a" 1 */}}{{ print "genCA" `bcrypt` | quote }}
"""


def _files(**more: str) -> dict[str, str]:
    return {"templates/tls.yaml": _TLS, "values.yaml": "host: a\n"} | more


def test_what_is_derived_has_the_same_keys_each_time_and_the_matrix_new_ones(tmp_path: Path, tools: Tools) -> None:
    chart = chart_from(tmp_path / "toy", _files(**{"values.yaml": "host: a\npassword: b\n"}))
    renderings = Renderings(chart, tools, (), tmp_path / "runs")
    [given] = conventional_matrix(chart).rendering
    trial = with_values(given, "one", {"host": "one"})
    scenarios = (given, given.again(1), trial, trial.again(1), given.derived("two", release="two"))
    real, anew, one, *others = (renderings.of(each).resources.one("Secret", "web").manifest for each in scenarios)
    assert others == [one, one]
    assert real.keys() == one.keys() and real["metadata"] == one["metadata"]
    assert real["stringData"].keys() == one["stringData"].keys()
    for other in (anew, one):
        assert {key for key, text in real["stringData"].items() if text == other["stringData"][key]} == {"word"}
    assert one["stringData"]["tls.crt"].startswith("-----BEGIN CERTIFICATE-----\n")
    assert one["stringData"]["login"].count(":") == 1


@pytest.mark.parametrize(
    ("files", "is_copied"),
    [
        (_files(), True),
        (_files(**{"README.md": "`genCA` makes {{ an authority }}.", "values.yaml": "htpasswd: ''\n"}), True),
        (_files(**{"charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n"}), True),
        # A file that becomes a template, and a certificate that is put together of given parts.
        (_files(**{"files/tls.tpl": '{{ genCA "a" 1 }}'}), False),
        (_files(**{"templates/own.yaml": "{{ $ca := buildCustomCert .Values.crt .Values.key }}"}), False),
        ({"templates/a.yaml": "a: genCA {{ .Values.genCA }}"}, False),
    ],
)
def test_what_is_copied(files: dict[str, str], is_copied: bool, tmp_path: Path) -> None:
    copied = without_new_keys(chart_from(tmp_path / "toy", files), tmp_path / "copy")
    assert (copied is not None) is is_copied
