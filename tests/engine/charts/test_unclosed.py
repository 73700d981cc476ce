"""Which line of a template is to be mended where Go cannot parse it."""

from __future__ import annotations

import pytest

from chartgate.charts.template_texts.unclosed import broken_lines

EOF, END, DEFINE = "unexpected EOF", "unexpected {{end}}", "unexpected <define> in command"
UNSET, UNKNOWN = 'undefined variable "$a"', 'function "a" not defined'


@pytest.mark.parametrize(
    ("text", "line", "said", "expected"),
    [
        ("{{ if . }}\n  {{ with . }}\n{{ end }}\n", 4, EOF, [2]),
        ("{{ if . }}\n  {{ if . }}\n  {{ else if . }}\n  {{ else }}\n{{ end }}\n", 6, EOF, [2]),
        ("{{ if . }}\n{{ if . }}{{ end }}\n{{ range . }}\n{{ end }}\n", 5, EOF, [3, 1]),
        ('{{ define "a" }}\n  {{ if . }}\n{{ end }}\n{{ define "b" }}{{ end }}\n', 4, DEFINE, [2]),
        ('{{ define "a" }}\n{{ if . }}\n{{ end }}\n{{ define "b" }}{{ end }}\n', 4, DEFINE, [1, 2]),
        ("{{ if . }}\n  {{ else }}\n  a: b\n", 4, "unexpected EOF", [1]),
        ("{{ with . }}\n  {{ if . }}\n  {{ end }}\n  {{ end }}\na: b\n{{ end }}\n", 6, END, [4, 3]),
        ("{{ end }}\n", 1, END, [1]),
        ("{{ if . }}\n{{ else }}\n{{ else }}\n{{ end }}\n", 3, "expected end; found {{else}}", [3, 2]),
        ("{{ with . }}\n  {{ $a := . }}\n  {{ end }}\n  {{ $a }}\n{{ end }}\n", 4, UNSET, [3]),
        ("{{ with . }}\n{{ $a }}\n{{ end }}\n", 2, UNSET, [2]),
        ("a: b\n { $a := . }}\n{{ $a }}\n", 3, UNSET, [2]),
        ("a: b\n if . }}\nc: d\n{{ end }}\n", 4, END, [2]),
        ('a: {{ "{{" }} if . }}\n{{ if . }}\n', 3, EOF, [2]),
        ('a: {{ . | default "a }}\nb: {{ . }}\n', 2, UNKNOWN, [1]),
        ("a: {{ .\nb: {{ . }}\n", 2, 'unexpected "{" in operand', [1]),
        ("a: {{ a }}\nb: {{ .\n", 1, UNKNOWN, [1]),
        ("{{ if . }}\n{{ a }}\n", 2, UNKNOWN, [2]),
        ("{{ if . }}\n{{ with . }}\n{{ range . }}\na: b\n{{ end }}\n", 6, EOF, [2, 3, 1]),
        ("{{ if . }}\n  {{ with . }}\n  {{ range . }}\n  {{ end }}\nc: d\n", 6, EOF, [1, 2, 3]),
        ("a:\n{{ if . }}\n  b: c\n{{ if . }}\n  d: e\n{{ end }}\nf:\n{{ if . }}\n  g: h\n", 10, EOF, [2, 8, 4]),
        ("{{ if . }}\na:\n{{ if . }}\n  b: c\nd:\n{{ if . }}\n  e: f\n{{ end }}\n{{ end }}\n", 10, EOF, [3, 6, 1]),
        ("{{ if . }}\n" * 5 + "{{ end }}\n" * 4, 10, EOF, [2, 3, 4, 5]),
        ("{{ if . }}\n" * 3 + "{{ end }}\n" * 4, 7, END, [7, 6, 5, 4]),
        ("{{/* a\nb */\n{{/* c */}}\n", 1, "comment ends before closing delimiter", [2, 1]),
        ("{{/* a */\n", 1, "comment ends before closing delimiter", [1]),
        ("{{ if . }}\n" * 1001, 1002, EOF, [1002]),
    ],
)
def test_the_line_to_mend(text: str, line: int, said: str, expected: list[int]) -> None:
    assert broken_lines(text, line, said) == expected
