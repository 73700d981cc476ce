"""How a real helm reads documents: thousands of them in one start, through the `fromYaml` of a template.

That is sigs.k8s.io/yaml, by which helm reads values, Chart.yaml and manifests, and kubectl what it applies.
"""

from __future__ import annotations

import base64
import json
import math
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chartgate.system.toolchain import OLDEST, Tools
from tests.engine.toys import CHART, write

TEMPLATE = """
{{- $all := list }}
{{- range .Values.documents }}
{{- $text := b64dec . }}
{{- $all = append $all (dict "map" (fromYaml $text) "list" (fromYamlArray $text)) }}
{{- end }}
apiVersion: v1
kind: ConfigMap
metadata: {name: answers}
data: {answers: {{ $all | toJson | b64enc }}}
"""

VALUES = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: answers}\ndata: {answers: {{ .Values | toJson | b64enc }}}\n"
)


@dataclass(frozen=True)
class Answer:
    """What helm makes of a document: the value of a map or a list, or why it refuses it.

    A document that is neither counts as `SCALAR`: a template has no function for it.
    """

    value: Any = None
    refusal: str = ""


SCALAR = "a scalar"


def helms(tools: Tools) -> list[Path]:
    """Give the helms at both ends of what is supported, which have different copies of go-yaml."""
    oldest: Path = OLDEST.tool("helm")
    assert oldest.is_file(), "run `chartgate provision --all`: this test asks two versions of helm"
    return [oldest, tools.helm]


def as_helm_reads(documents: Sequence[str], helm: Path, folder: Path) -> list[Answer]:
    """Ask helm how it reads each document; the folder is for the chart of the question."""
    given = {"documents": [base64.b64encode(document.encode()).decode() for document in documents]}
    return [_answer(found["map"], found["list"]) for found in rendered(TEMPLATE, json.dumps(given), helm, folder)]


def values_as_helm_reads(values: str, helm: Path, folder: Path) -> Any:
    """Give the values that a template sees."""
    return rendered(VALUES, values, helm, folder)


def rendered(template: str, values: str, helm: Path, folder: Path) -> Any:
    """Give what a template of one ConfigMap with base64 of JSON under `answers` comes to."""
    chart = write(folder, {"Chart.yaml": CHART, "templates/answers.yaml": template})
    command = [str(helm), "template", str(chart), "--values", "-"]
    done = subprocess.run(command, input=values.encode(), capture_output=True, check=True, timeout=100)
    # By hand, not by the reader that is on trial.
    answers = done.stdout.decode().partition("answers: ")[2].partition("}")[0]
    return json.loads(base64.b64decode(answers), parse_int=_whole)


def _whole(digits: str) -> int | float:
    """Keep the sign of a zero, which Python drops."""
    return -0.0 if digits == "-0" else int(digits)


def _answer(of_map: Any, of_list: Any) -> Answer:
    """Tell a refusal of the YAML from that of its type, which both functions put where the value would be."""
    error = of_map.get("Error")
    if not isinstance(error, str):
        return Answer(of_map)
    if not error.startswith("error unmarshaling JSON"):
        return Answer(refusal=error)
    is_list = not (of_list and str(of_list[0]).startswith("error unmarshaling JSON"))
    return Answer(of_list if is_list else SCALAR)


def as_doubles(value: Any) -> Any:
    """Give a document with every number as helm's values have it, a float of 64 bits; `true` is not 1, nor `-0` 0."""
    if isinstance(value, dict):
        return {key: as_doubles(inside) for key, inside in value.items()}
    if isinstance(value, list):
        return [as_doubles(inside) for inside in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value if not isinstance(value, bool) else f"the boolean {value}"
    return float(value) if value or math.copysign(1, value) > 0 else "minus zero"
