"""An explanation as text for a terminal, as Markdown, and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from chartgate.catalogs.explanation import Explanation
from chartgate.documents.escaping import fenced, json_text, terminal_text
from chartgate.reports.pytest_failure import findings_lines

_WIDTH = 100
_MOST = 40
"""Lines of a difference; more would hide what it shows."""


def terminal_explanation(explained: Explanation) -> str:
    """Give it for a person at a terminal."""
    facts = {**explained.facts, **({"source": "\n".join(explained.sources)} if explained.sources else {})}
    width = max(map(len, facts)) + 2
    lines = [f"{explained.name}: {explained.title}", ""]
    for question, answer in facts.items():
        label = f"{question + ':':<{width}}"
        for part in answer.splitlines():
            lines += textwrap.wrap(
                part,
                _WIDTH,
                initial_indent=label,
                subsequent_indent=" " * width,
                break_long_words=False,
                break_on_hyphens=False,
            )
            label = " " * width
    for paragraph in explained.rationale:
        lines += ["", *_filled(paragraph)]
    for heading, block in _parts(explained):
        lines += ["", *_filled(f"{heading}:"), "", *(f"  {line}".rstrip() for line in block)]
    if explained.no_example:
        lines += ["", *_filled(f"No example: {explained.no_example}")]
    if explained.remediation:
        lines += ["", *_filled(f"What to do: {explained.remediation}")]
    for snippet in explained.snippets:
        lines += ["", *_filled(f"{snippet.purpose}:"), "", *(f"  {line}" for line in snippet.text.splitlines())]
    return terminal_text(lines)


def markdown_explanation(explained: Explanation) -> str:
    """Give it as a document; what policies say of themselves is Markdown, and an example is none."""
    lines = [f"# `{explained.name}`", "", explained.title, ""]
    lines += [f"- {question}: {answer}" for question, answer in explained.facts.items()]
    lines += [f"- source: <{source}>" for source in explained.sources]
    for paragraph in explained.rationale:
        lines += ["", " ".join(paragraph.split())]
    for heading, block in _parts(explained):
        lines += [
            "",
            f"## {heading}",
            "",
            *fenced(block, "diff" * heading.startswith("Better"), ""),
        ]
    if explained.remediation:
        lines += ["", "## What to do", "", explained.remediation]
    for snippet in explained.snippets:
        lines += [
            "",
            f"{snippet.purpose}:",
            "",
            *fenced(snippet.text.splitlines(), snippet.language, ""),
        ]
    return "\n".join(lines) + "\n"


def json_explanation(explained: Explanation) -> str:
    """Give it for other programs."""
    example = explained.example
    return json_text(
        {
            "name": explained.name,
            "title": explained.title,
            **{question.replace(" ", "_"): answer for question, answer in explained.facts.items()},
            "rationale": "\n\n".join(explained.rationale),
            "sources": list(explained.sources),
            "remediation": explained.remediation,
            "example": {
                "name": example.name,
                "severity": example.finding.severity,
                "resource": example.finding.subject,
                "path": example.finding.path,
                "expected": str(example.finding.expected),
                "actual": str(example.finding.actual),
                "better": list(example.better),
            }
            if example
            else None,
            "snippets": [
                {"purpose": snippet.purpose, "language": snippet.language, "text": snippet.text}
                for snippet in explained.snippets
            ],
        }
    )


def _parts(explained: Explanation) -> Iterator[tuple[str, list[str]]]:
    """Give the example and the better form, under their headings."""
    if example := explained.example:
        severity = f" ({example.finding.severity})"
        yield (
            f"Example, {example.name}{severity}",
            [line.removeprefix("  ") for line in findings_lines([example.finding])[:-1]],
        )
        if example.better:
            more = [f"and {len(example.better) - _MOST} lines more"] * (len(example.better) > _MOST)
            yield "Better, the lines with + in place of those with -", [*example.better[:_MOST], *more]


def _filled(text: str) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), _WIDTH, break_long_words=False, break_on_hyphens=False)
