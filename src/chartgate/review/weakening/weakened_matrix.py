"""What a matrix lets pass, and did not: waivers, what is taken for granted, and what is held against no schema."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase

from chartgate.charts.metadata.version_constraints import chart_version
from chartgate.documents.addresses import ABSENT, join
from chartgate.matrix.content import Accepted, MatrixContent
from chartgate.model import External
from chartgate.review.weakening.weakening import Knows, Weakening, Weakenings


def weakened_matrix(was: MatrixContent, now: MatrixContent, knows: Knows, used: Collection[str]) -> Weakenings:
    """Give what one matrix lets pass, and the other does not.

    Args:
        was: the older matrix.
        now: the newer one.
        knows: whether a policy judged before.
        used: the classes of risk that this review shows: a waiver of one is shown beside it, if it names an object.
    """
    yield from _waivers(was, now, knows, used)
    yield from _externals(was, now)
    yield from _allowances(was, now, knows)
    yield from _unwatched(was, now)
    yield from _schemas(was, now)


def _waivers(was: MatrixContent, now: MatrixContent, knows: Knows, used: Collection[str]) -> Weakenings:
    for waiver in now.waivers:
        kept = [old for old in was.waivers if _covers(old, waiver)]
        if any(old.expires >= waiver.expires for old in kept):
            continue
        if waiver.risk and waiver.risk in used and waiver.resource.strip("*? /"):
            continue  # what it accepts is shown right there, with its reason
        if waiver.policy and not knows(waiver.policy):
            continue
        address = join("waivers", waiver.policy or waiver.risk)
        if kept:
            days = max(old.expires for old in kept), waiver.expires
            yield Weakening(
                "matrix", address, f"a waiver lasts longer: {waiver.reason} ({waiver.owner})", *map(str, days)
            )
        else:
            about = waiver.resource or "any object"
            yield Weakening(
                "matrix", address, f"a new waiver, of {about} until {waiver.expires}: {waiver.reason} ({waiver.owner})"
            )


def _covers(old: Accepted, new: Accepted) -> bool:
    """Tell whether all that a waiver accepts was accepted by another one, as long as that lasted."""
    patterns = ((old.resource, new.resource), (old.scenario, new.scenario), (old.path, new.path))
    return (old.policy, old.risk) == (new.policy, new.risk) and all(
        not wide or wide == narrow or (bool(narrow) and fnmatchcase(narrow, wide.replace("[", "[[]")))
        for wide, narrow in patterns
    )


def _externals(was: MatrixContent, now: MatrixContent) -> Weakenings:
    known = {(thing.kind, thing.namespace, thing.name): thing for thing in was.external}
    for thing in now.external:
        old = known.get((thing.kind, thing.namespace, thing.name))
        address = join("external", f"{thing.kind} {thing.name}")
        if old is None:
            yield Weakening("matrix", address, f"nobody looks any longer whether it is there: {thing.reason}")
        elif wider := [*_wider(old, thing)]:
            yield Weakening("matrix", address, f"more is taken for granted of it: {', '.join(wider)}")


def _wider(old: External, new: External) -> Iterator[str]:
    for what, was, now in (("keys", old.keys, new.keys), ("scenarios", old.scenarios, new.scenarios)):
        if was and (not now or not {*now} <= {*was}):
            yield f"{what} {', '.join(sorted({*now} - {*was}))}" if now else f"any {what}"
    if {*new.labels.items()} - {*old.labels.items()}:
        yield "labels"


def _allowances(was: MatrixContent, now: MatrixContent, knows: Knows) -> Weakenings:
    for name, reason in now.nothing_to_examine.items():
        if name not in was.nothing_to_examine and knows(name):
            yield Weakening("matrix", join("nothing_to_examine", name), f"this policy may examine nothing: {reason}")
    for pattern in now.echoes:
        if pattern not in was.echoes:
            yield Weakening("matrix", "echoes", f"{pattern} no longer counts as something that values change")
    for toggle, patterns in now.shared.items():
        for pattern in patterns:
            if toggle in was.toggles and pattern not in was.shared.get(toggle, ()):
                yield Weakening("matrix", join("shared", toggle), f"the toggle may change {pattern}")
    if now.one_per and (was.one_per is None or (was.one_per.scope, now.one_per.scope) == ("namespace", "cluster")):
        old = was.one_per.scope if was.one_per else ABSENT
        yield Weakening(
            "matrix",
            "one_per",
            f"fewer releases are judged beside each other: {now.one_per.reason}",
            old,
            now.one_per.scope,
        )


def _unwatched(was: MatrixContent, now: MatrixContent) -> Weakenings:
    for job in was.after_hooks:
        if job not in now.after_hooks:
            yield Weakening(
                "matrix", join("after_hooks", job.job), "what this Job makes of the objects is no longer judged"
            )
    versions = [chart_version(content.kube_version.removeprefix("v")) for content in (was, now)]
    if versions[0] and versions[1] and versions[1].key() < versions[0].key():
        reason = "what newer versions of Kubernetes refuse is no longer seen"
        yield Weakening("matrix", "kube_version", reason, was.kube_version, now.kube_version)
    for version in was.api_versions:
        if version not in now.api_versions:
            yield Weakening("matrix", "api_versions", f"what is rendered for {version} only is no longer judged")
    yield from _snapshots(was, now)


def _snapshots(was: MatrixContent, now: MatrixContent) -> Weakenings:
    """Give the snapshots that nothing compares any longer, of scenarios that are still there or made of toggles."""
    for what, words in (("in_full", "this scenario"), ("after_hooks", "what the hooks make of this scenario")):
        kept = getattr(now.snapshots, what) if now.snapshots else ()
        for name in getattr(was.snapshots, what) if was.snapshots else ():
            if name not in kept and (name in now.scenarios or name not in was.scenarios):
                yield Weakening("matrix", join("snapshots", what, name), f"no snapshot of {words} is compared")


def _schemas(was: MatrixContent, now: MatrixContent) -> Weakenings:
    for kind, reason in now.schemas.unjudged.items():
        if kind not in was.schemas.unjudged:
            yield Weakening(
                "matrix", join("schemas", "unjudged", kind), f"objects of this kind fit no schema: {reason}"
            )
    for what in ("kinds", "keys"):
        for name in getattr(was.schemas, what):
            if name not in getattr(now.schemas, what) and not (what == "kinds" and now.schemas.crds):
                yield Weakening("matrix", join("schemas", what, name), "no schema is demanded of this any longer")
    for file in was.schemas.crds:
        if file not in now.schemas.crds:
            yield Weakening("matrix", "schemas.crds", f"what {file} defines is no longer held against it")
