"""Where a printed text says what a finding is about, and who printed that: by values, by lines, by another name."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from chartgate.charts.template_texts.stamps import StampedText, TemplateLine
from chartgate.documents.addresses import ABSENT
from chartgate.gate.results.outcome import Finding, PolicySummary
from chartgate.gate.telling.flawed_documents import flawed_place
from chartgate.gate.telling.narrowed_places import line_of_text, of_too_much
from chartgate.gate.telling.printed_places import printed_place
from chartgate.gate.telling.said_values import writers_of_values
from tests.engine.toys import resource


def _stamped(texts: Sequence[str], file: str = "a.yaml") -> StampedText:
    """Give texts as the lines of one template printed them."""
    ends = [sum(map(len, texts[: number + 1])) for number in range(len(texts))]
    stamps = tuple((end, "\ua400", TemplateLine(file, number)) for number, end in enumerate(ends, 1))
    return StampedText("".join(texts), stamps)


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("a path below /opt/updates, which is mounted", [3]),
        ("there when helm comes to it (pre-install)", [2]),
        ("no ROLLOUT_TIME", []),
        ("ROLLOUT_TIMEOUT is near.", [4]),
        ("both-there is there twice", []),
        ("name-of-all is called so", []),
        ("a plain word is no value", []),
        ("one of ['word', 'other']", [4]),
        ("one of ['inner', 'twice']", [7]),
        ("/opt/updates, pre-upgrade, ROLLOUT_TIMEOUT: the first few", [3, 2]),
    ],
)
def test_who_printed_a_value_that_words_name(said: str, lines: list[int]) -> None:
    texts = [
        "metadata: {name: name-of-all, annotations:\n",
        "  {hook: 'pre-install,pre-upgrade'}}\n",
        "mount: /opt/updates\n",
        "env: [{name: ROLLOUT_TIMEOUT, value: word}]\n",
        "more: [both-there, both-there]\n",
        "patch: |\n",
        "  - a: inner\n",
        "  - a: twice\n",
        "  - a: twice\n",
    ]
    found = writers_of_values(said, _stamped(texts))
    assert [writer.line.line for writer in found] == lines


@pytest.mark.parametrize(
    ("address", "expected", "actual", "line"),
    [
        ("data", ["a", "b"], ["a", "c"], 5),
        ("ports", [80], [80, 81], 9),
        ("ports", [80], [80, 81, 82], 6),
        ("ports", [80, 81, 90], [80, 81], 6),
        ("data", ["a"], ["a", "twice"], 3),
        ("data", "", "fields that the schema does not have: c, with labels filled", 5),
        ("data", "a", "c", 3),
    ],
)
def test_who_printed_what_is_too_much(address: str, expected: object, actual: object, line: int) -> None:
    texts = ["apiVersion: v1\nkind: A\n", "metadata: {name: a}\n", "data:\n", "  a: twice\n", "  c: twice\n"]
    texts += ["ports:\n", "- port: 80\n", "  name: a\n", "- port: 81\n", "- port: 82\n"]
    text = _stamped(texts)
    place = printed_place(resource(text.text), address, {"toy/templates/all.yaml": text})
    assert place and of_too_much(place, expected, actual).first.line.line == line


@pytest.mark.parametrize(
    ("missing", "line"),
    [("kind", 6), ("metadata.name", 11), ("apiVersion", 0), ("spec", 0), ("metadata", 0)],
)
def test_who_printed_a_document_that_lacks_its_kind_or_its_name(missing: str, line: int) -> None:
    sound = ["apiVersion: v1\n", "kind: Secret\n", "metadata:\n", "  name: a\n", "---\n"]
    texts = [*sound, "apiVersion: v1\n", "metadata: {name: b}\n", "---\n", "apiVersion: v1\n", "kind: Pod\n"]
    policy = PolicySummary("is_sound", "", "", "")
    finding = Finding(policy, "error", "", "b", "toy/templates/a.yaml", missing, "a text", ABSENT, ("off",))
    place = flawed_place(finding, {finding.template: _stamped([*texts, "metadata:\n", "  labels: {}\n"])})
    assert (place.first.line.line if place else 0) == line


@pytest.mark.parametrize(
    ("address", "number", "line"),
    [("data.a", 1, 4), ("data.a", 2, 5), ("data.a", 3, 3), ("data.a", 0, 3), ("data.b", 1, 6)],
)
def test_who_printed_a_line_of_a_text(address: str, number: int, line: int) -> None:
    texts = [
        "apiVersion: v1\nkind: ConfigMap\n",
        "metadata: {name: a}\n",
        "data:\n  a: |\n",
        "    b\n",
        "    c\n",
        "  b: c\n",
    ]
    text = _stamped(texts)
    place = printed_place(resource(text.text), address, {"toy/templates/all.yaml": text})
    assert place is not None
    assert line_of_text(place, number).first.line.line == line


@pytest.mark.parametrize(
    ("printed", "lines"),
    [
        (("Secret", "a-fghij", "c"), [5]),
        (("Secret", "a-abcde", "b"), [5]),
        (("ConfigMap", "a-fghij", "b"), []),
        (("Secret", "a-fghij", "[b]"), []),
    ],
)
def test_an_object_that_has_another_name_each_time(printed: tuple[str, str, str], lines: list[int]) -> None:
    kind, name, value = printed
    texts = ["apiVersion: v1\n", f"kind: {kind}\n", f"metadata: {{name: {name}}}\n", "stringData:\n", f"  a: {value}\n"]
    judged = resource("{apiVersion: v1, kind: Secret, metadata: {name: a-abcde}, stringData: {a: b}}")
    place = printed_place(judged, "stringData.a", {"toy/templates/all.yaml": _stamped(texts)}, by_chance=True)
    assert [found.first.line.line for found in (place,) if found] == lines


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        ("spec.containers[side].env[A].value", ["b.yaml:7-9"]),  # around what is missing in the patch alone
        ("spec.containers[side].image", ["b.yaml:8"]),
        ("spec.containers[web].env[A].value", []),  # the object has that container as well
        ("spec.containers[other].env", []),
        ("spec.nodeName", []),
    ],
)
def test_what_is_missing_in_an_item_that_only_a_patch_has(address: str, lines: list[str]) -> None:
    own = _stamped(["apiVersion: v1\nkind: Pod\n", "metadata: {name: a}\n", "spec: {containers: [{name: web}]}\n"])
    patch = _stamped(
        [
            "apiVersion: v1\nkind: ConfigMap\n",
            "metadata: {name: patch}\n",
            "data:\n  patch.yaml: |\n",
            "    spec:\n",
            "      containers:\n",
            "        - {name: web, tty: true}\n",
            "        - name: side\n",
            "          image: b\n",
            "          env:\n",
        ],
        "b.yaml",
    )
    judged = dataclasses.replace(
        resource(
            "{apiVersion: v1, kind: Pod, metadata: {name: a},"
            " spec: {nodeSelector: {a: b}, containers: [{name: side, image: b}, {name: web, tty: true}]}}"
        ),
        template="toy/templates/a.yaml, patched by toy/templates/b.yaml",
    )
    place = printed_place(judged, address, {"toy/templates/a.yaml": own, "toy/templates/b.yaml": patch})
    found = [(one.first.line, f"-{one.last}" * (one.last > one.first.line.line)) for one in (place,) if one]
    assert [f"{line.file}:{line.line}{last}" for line, last in found] == lines


@pytest.mark.parametrize(("numbers", "is_known"), [((1, 2, 1, 2), True), ((1, 2, 3, 4), False)])
def test_what_is_printed_twice_is_sure_where_the_same_lines_print_it(numbers: Sequence[int], is_known: bool) -> None:
    texts = ["---\napiVersion: v1\nkind: ConfigMap\n", "metadata: {name: a}\n"] * 2
    ends = [sum(map(len, texts[: number + 1])) for number in range(len(texts))]
    stamps = tuple((end, "\ua400", TemplateLine("a.yaml", line)) for end, line in zip(ends, numbers, strict=True))
    printed = {"toy/templates/all.yaml": StampedText("".join(texts), stamps)}
    place = printed_place(resource("".join(texts[:2])), "metadata.name", printed)
    assert (place.first.line.line if place else None) == (2 if is_known else None)
