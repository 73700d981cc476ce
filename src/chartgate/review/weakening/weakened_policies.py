"""What the project's own policies demanded, and no longer do, as far as their source shows it without being run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chartgate.documents.addresses import ABSENT
from chartgate.policy.outlines import PolicyFolder, PolicyOutline
from chartgate.review.weakening.gate_rules import GateRules
from chartgate.review.weakening.weakening import Weakening, Weakenings


def outlines(rules: GateRules) -> dict[str, tuple[str, PolicyOutline]]:
    """Give each of a project's own policies, with its file."""
    return {
        name: (_file(folder, outline), outline)
        for folder, content in rules.own.items()
        for name, outline in content.policies.items()
    }


def weakened_policies(before: GateRules, after: GateRules) -> Weakenings:
    """Give the policies that are gone, or that demand less."""
    now = outlines(after)
    bodies = {outline.body for name, (_, outline) in now.items() if name not in outlines(before)}
    for name, (file, was) in outlines(before).items():
        if name in now:
            yield from _weaker(was, *now[name])
        elif was.body not in bodies:  # else it has another name
            yield Weakening("policies", name, "this policy is gone", file=file)


def changed_code(before: GateRules, after: GateRules) -> list[str]:
    """Give the files of code that decide what a run finds, as far as both sides have them and they differ."""
    was, now = ({**_digests(rules.own), **rules.code} for rules in (before, after))
    return [file for file in sorted({*was, *now}) if was.get(file) != now.get(file)]


def _weaker(was: PolicyOutline, file: str, now: PolicyOutline) -> Iterator[Weakening]:
    def weakening(reason: str, before: object = ABSENT, after: object = ABSENT) -> Weakening:
        return Weakening("policies", was.name, reason, before, after, file)

    if (was.severity, now.severity) == ("error", "warning"):
        yield weakening("its findings are warnings now", was.severity, now.severity)
    if now.where and not was.where:
        yield weakening(f"it judges only where `{now.where}` holds")
    if now.yields < was.yields:
        yield weakening(f"it yields checks in {now.yields} places, and did in {was.yields}")
    gone = sorted(was.counterexamples - now.counterexamples)
    if len(now.counterexamples) < len(was.counterexamples):
        yield weakening(f"nothing proves any longer that it notices {', '.join(gone)}")


def _digests(own: Mapping[str, PolicyFolder]) -> dict[str, str]:
    return {f"{folder}/{file}": digest for folder, content in own.items() for file, digest in content.digests.items()}


def _file(folder: str, outline: PolicyOutline) -> str:
    return f"{folder}/{outline.file}"
