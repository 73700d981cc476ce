"""What differs although the input is the same is no matter of names or toggles; what a name decides still is."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.matrix.conventional import conventional_matrix
from chartgate.model import Rendering, Scenario
from chartgate.policy.loading import load_policies
from chartgate.policy.verdicts import judge
from chartgate.rendering.renderings import Renderings
from chartgate.system.toolchain import Tools
from tests.engine.judged_charts import judged
from tests.engine.toys import chart_from

[RENAMING] = [policy for policy in load_policies(["kubernetes"]) if policy.name == "renaming_changes_names_only"]
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"
NAMED = "apiVersion: v1\nkind: %s\nmetadata: {name: %s}\n"

BY_CHANCE = {
    "uuid": f"{CONFIG}data: {{a: {{{{ uuidv4 }}}}}}",
    "a_word_of_few_letters": f"{CONFIG}data: {{a: x{{{{ randAlpha 3 }}}}z}}",
    "digits": f"{CONFIG}data: {{a: {{{{ randNumeric 4 | quote }}}}}}",
    "a_number": f"{CONFIG}data: {{a: {{{{ randInt 1 100000 }}}}}}",
    "bytes": f"{CONFIG}data: {{a: {{{{ randBytes 9 }}}}}}",
    "the_time_to_the_second": f"{CONFIG}data: {{a: {{{{ now | date \"150405\" | quote }}}}}}",
    "the_time_in_nanoseconds": f"{CONFIG}data: {{a: {{{{ now | quote }}}}}}",
    "a_certificate": f"{CONFIG}data:\n  a: {{{{ (genCA \"x\" 365).Cert | b64enc }}}}",
    "a_key_cut": f"{CONFIG}data:\n  a: {{{{ genPrivateKey \"ed25519\" | sha256sum | trunc 6 }}}}",
    "a_salted_hash": f"{CONFIG}data: {{a: {{{{ htpasswd \"a\" \"b\" | quote }}}}}}",
    "bcrypt": f"{CONFIG}data: {{a: {{{{ bcrypt \"a\" | quote }}}}}}",
    "a_password_derived_from_the_name": (
        f"{CONFIG}data: {{a: {{{{ derivePassword 1 \"long\" \"p\" .Release.Name \"x\" | quote }}}}}}"
    ),
    "shuffled": f"{CONFIG}data: {{a: {{{{ shuffle \"abcdefghijklmnop\" }}}}}}",
    "a_key_at_random": f"{CONFIG}data: {{k{{{{ randAlpha 4 }}}}: a, {{{{ .Release.Name }}}}: b}}",
    "a_list_of_random_length": f"{CONFIG}data:\n  a: [{{{{ range untilStep 0 (randInt 1 1000) 1 }}}}x,{{{{ end }}}}]",
    "a_name": NAMED % ("Pod", "{{ .Release.Name }}-test-{{ randAlphaNum 5 | lower }}"),
    "two_names": (
        NAMED % ("Pod", "a-{{ randAlpha 5 | lower }}") + "---\n" + NAMED % ("Pod", "b-{{ randAlpha 5 | lower }}")
    ),
    "a_name_that_another_one_uses": (
        "{{ $name := randAlpha 9 | lower }}" + NAMED % ("ServiceAccount", "{{ $name }}")
        + "---\n" + NAMED % ("Pod", "web") + "spec: {serviceAccountName: {{ $name }}}"
    ),
    "a_name_cut_after_a_letter": (
        NAMED % ("Pod", "{{ printf \"%s-%s\" (repeat 61 \"a\") .Release.Namespace | trunc 63 }}")
    ),
    "in_a_secret": "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: {{ randAlpha 3 | b64enc }}}",
    "in_a_secret_as_text": "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: {{ randAlpha 3 }}}",
}  # fmt: skip

BY_NAME = {
    "a_cut_name": (f"{CONFIG}data: {{a: {{{{ uuidv4 }}}}, b: {{{{ .Release.Name | trunc 9 }}}}}}", "data.b"),
    "another_object": (
        f"{CONFIG}data: {{a: {{{{ uuidv4 }}}}}}\n{{{{- if hasPrefix \"other\" .Release.Name }}}}\n---\n"
        + NAMED % ("Pod", "{{ randAlpha 5 | lower }}") + "{{ end }}",
        "rendered",
    ),
    "in_an_object_with_a_random_name": (
        NAMED % ("Pod", "{{ randAlpha 5 | lower }}") + "spec: {hostname: {{ .Release.Name | trunc 9 }}}",
        "spec.hostname",
    ),
    "a_key_is_cut": (f"{CONFIG}data: {{a: {{{{ uuidv4 }}}}, {{{{ .Release.Name | trunc 9 }}}}: b}}", "data.other-rel"),
}  # fmt: skip


def found(template: str, folder: Path, tools: Tools) -> list[str]:
    """Render a chart of one template, and give what the policy finds."""
    [verdict] = judged(RENAMING, {"templates/all.yaml": template, "values.yaml": "{}"}, folder, tools)
    assert verdict.checks
    return [f"{finding.path} {finding.actual}" for finding in verdict.findings]


@pytest.mark.parametrize("name", BY_CHANCE)
def test_what_differs_each_time_is_no_name(name: str, tmp_path: Path, tools: Tools) -> None:
    assert found(BY_CHANCE[name], tmp_path, tools) == []


@pytest.mark.parametrize("name", BY_NAME)
def test_what_a_name_decides_is_found_beside_chance(name: str, tmp_path: Path, tools: Tools) -> None:
    template, words = BY_NAME[name]
    [actual] = found(template, tmp_path, tools)
    assert words in actual


def test_nothing_is_rendered_again_where_nothing_differs(tmp_path: Path, tools: Tools) -> None:
    asked: list[int] = []
    chart = chart_from(tmp_path / "toy", {"templates/all.yaml": CONFIG, "values.yaml": "{}"})
    renderings = Renderings(chart, tools, (), tmp_path / "runs")
    [case] = RENAMING.cases(conventional_matrix(chart).rendering)

    def rendering_of(scenario: Scenario) -> Rendering:
        asked.append(scenario.attempt)
        return renderings.of(scenario)

    assert (judge(RENAMING, case, rendering_of).findings, asked) == ((), [0, 0])
