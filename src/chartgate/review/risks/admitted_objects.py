"""What is admitted to the cluster: webhooks, policies of admission, the labels of namespaces."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chartgate.documents.addresses import join
from chartgate.documents.json_documents.equality import canonical
from chartgate.documents.shapes import is_whole, map_of, maps_in, texts_in
from chartgate.documents.words import listed
from chartgate.kubernetes.changes.lifecycle import annotations_of
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.risks.guarding_objects import denies_now
from chartgate.review.risks.risk_class import Hit, risk

ENFORCED = "pod-security.kubernetes.io/enforce"
_LABELS = f"metadata.labels[{ENFORCED}]"
_LEVELS = ("privileged", "baseline", "restricted")
_STRATEGY = "spec.conversion.strategy"
_MOST = 5
_PLACE_OF_RESOURCES = 2
_WEBHOOKS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
_INJECTING = """
    cert-manager.io/inject-ca-from cert-manager.io/inject-ca-from-secret cert-manager.io/inject-apiserver-ca
    service.beta.openshift.io/inject-cabundle
"""
"""The annotations for which somebody else fills in the caBundle."""
_PLACEHOLDERS = ("Cg==", "IA==", "IAo=", "e30=")
"""An empty line, a blank, both, an empty map: what is written where a Job or a program fills in the certificate."""
_ADMISSION = "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/"


def enforced_level(namespace: Resource) -> int:
    """Give how strict a namespace is with its pods: 0 for one that admits any."""
    level = map_of(namespace.at("metadata.labels")).get(ENFORCED)
    return _LEVELS.index(level) if level in _LEVELS else 0


def loosened_namespace(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say whether a namespace admits pods that it refused."""
    was, now = enforced_level(before), enforced_level(after)
    if now < was:
        yield Hit(_LABELS, f"the namespace admits {'any pod' if now == 0 else 'pods of the level ' + _LEVELS[now]}")


def no_longer_asked(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say about what a webhook is no longer asked, or which webhook is gone: what it refused or changed passes."""
    has = {str(webhook.get("name")): webhook for webhook in maps_in(after.at("webhooks"))}
    for webhook in maps_in(before.at("webhooks")) if after.kind in _WEBHOOKS else ():
        name = str(webhook.get("name"))
        kept = [(rule[0], rule[2]) for rule in _asked(has.get(name, {}))]
        asked = dict.fromkeys((rule[0], rule[2]) for rule in _asked(webhook) if "*" not in rule[2])
        lost = [r for g, r in asked if not any(one in ("*", g) and _covers_resource(other, r) for one, other in kept)]
        if lost:
            address = f"webhooks[{name}].rules" if name in has else f"webhooks[{name}]"
            yield Hit(address, f"it is no longer asked about {listed(lost, _MOST)}: they pass as they are", "caution")


@risk(level="danger", bump="minor", source=f"{_ADMISSION}#failure-policy")
def webhook_hardened(pair: Pair) -> Iterator[Hit]:
    """The cluster refuses objects that it admitted.

    A webhook without an answer refuses (`failurePolicy: Fail`) what it let pass, or is asked about more objects: while
    its pods are not there, during this very upgrade say, none of them can be written. So it is where a kind's versions
    become each other by a webhook now. A policy that denies what it warned of, a namespace that demands more of its
    pods. A caution where each request only may wait longer for it or less, goes to another path, or finds
    no certificate until somebody fills it in.
    """
    if pair.fate == "added" and pair.resource.kind in _WEBHOOKS:
        new = [hook for hook in maps_in(pair.resource.at("webhooks")) if hook.get("failurePolicy") != "Ignore"]
        if new:
            yield Hit(
                "", f"{listed([str(hook.get('name')) for hook in new], _MOST)}: what it does not answer is refused"
            )
    yield from denies_now(pair)
    if not pair.both:
        return
    before, after = pair.both
    if after.kind in _WEBHOOKS:
        yield from _webhooks(before, after)
    elif after.kind == "ValidatingAdmissionPolicyBinding":
        actions = [set(texts_in(resource.at("spec.validationActions"))) for resource in pair.both]
        if "Deny" in actions[1] - actions[0]:
            yield Hit("spec.validationActions", "what its policy does not allow is refused now")
    elif after.kind == "ValidatingAdmissionPolicy":
        if before.at("spec.failurePolicy") == "Ignore" and after.at("spec.failurePolicy") != "Ignore":
            yield Hit("spec.failurePolicy", "what it cannot judge is refused now")
    elif after.kind == "CustomResourceDefinition":
        yield from _conversion(before, after)
    elif after.kind == "Namespace" and enforced_level(after) > enforced_level(before):
        level = _LEVELS[enforced_level(after)]
        yield Hit(_LABELS, f"the namespace refuses pods that are not of the level {level}")


def _conversion(before: Resource, after: Resource) -> Iterator[Hit]:
    was, now = (resource.at(_STRATEGY) == "Webhook" for resource in (before, after))
    served = [version for version in maps_in(after.at("spec.versions")) if version.get("served") is True]
    if now and not was and len(served) > 1:
        yield Hit(_STRATEGY, "while its webhook does not answer, its objects are read and written in one version only")


def _seconds(timeout: Any) -> int:
    return timeout if is_whole(timeout) else 10


def _webhooks(before: Resource, after: Resource) -> Iterator[Hit]:
    had = {str(webhook.get("name")): webhook for webhook in maps_in(before.at("webhooks"))}
    lost = [name for name in _INJECTING.split() if name in annotations_of(before)]
    if lost and not _is_injected(after) and not _has_bundles(after):
        reason = "nobody fills in its caBundle any longer, unless its program does: without one, no call is answered"
        yield Hit(join("metadata", "annotations", lost[0]), reason, "caution")
    for webhook in maps_in(after.at("webhooks")):
        name = str(webhook.get("name"))
        address, old = f"webhooks[{name}]", had.get(name)
        fails = webhook.get("failurePolicy") != "Ignore"
        if old is None:
            if fails:
                yield Hit(address, "it is new, and what it does not answer is refused")
            continue
        if fails and old.get("failurePolicy") == "Ignore":
            yield Hit(f"{address}.failurePolicy", "what the webhook cannot judge is refused now")
        if _has_bundle(old) and not _has_bundle(webhook) and not _is_injected(after):
            reason = "its caBundle is left to somebody else: until it is filled in, no call is answered"
            yield Hit(f"{address}.clientConfig.caBundle", reason, "caution")
        waits = [_seconds(side.get("timeoutSeconds")) for side in (old, webhook)]
        if waits[1] > waits[0]:
            yield Hit(
                f"{address}.timeoutSeconds", f"requests wait up to {waits[1]} s for it, not {waits[0]}", "caution"
            )
        elif fails and waits[1] < waits[0]:
            reason = f"what it has not answered in {waits[1]} s is refused, and was in {waits[0]}"
            yield Hit(f"{address}.timeoutSeconds", reason, "caution")
        paths = [_path(side) for side in (old, webhook)]
        if fails and paths[0] != paths[1]:
            reason = f"it is called at {paths[1]} now, and not at {paths[0]}: what is not answered there is refused"
            yield Hit(f"{address}.clientConfig.service.path", reason, "caution")
        for selector in ("namespaceSelector", "objectSelector", "matchConditions"):
            had_left_out, leaves_out = (set(_demands(side.get(selector))) for side in (old, webhook))
            if fails and had_left_out - leaves_out:
                every = "every object" if not leaves_out else "objects that it was not asked about"
                yield Hit(f"{address}.{selector}", f"it is asked about {every} now")
        rules = [set(_asked(side)) for side in (old, webhook)]
        more = [rule for rule in rules[1] if not any(_covers(other, rule) for other in rules[0])]
        if fails and more:
            yield Hit(f"{address}.rules", "it is asked about more objects now")


def _has_bundles(configuration: Resource) -> bool:
    return all(map_of(webhook.get("clientConfig")).get("caBundle") for webhook in maps_in(configuration.at("webhooks")))


def _is_injected(configuration: Resource) -> bool:
    return not annotations_of(configuration).keys().isdisjoint(_INJECTING.split())


def _has_bundle(webhook: Mapping[str, Any]) -> bool:
    """Tell whether a webhook has a certificate, and no empty line that only has to be there."""
    return map_of(webhook.get("clientConfig")).get("caBundle") not in (None, "", *_PLACEHOLDERS)


def _path(webhook: Mapping[str, Any]) -> str:
    return str(map_of(map_of(webhook.get("clientConfig")).get("service")).get("path") or "/")


def _demands(selector: Any) -> Iterator[str]:
    """Give what a label selector, or the conditions beside it, demand, each demand as a text."""
    for condition in maps_in(selector):
        yield " ".join(str(condition.get("expression")).split())
    for key, value in map_of(map_of(selector).get("matchLabels")).items():
        yield canonical({"key": key, "operator": "In", "values": [value]})
    for expression in maps_in(map_of(selector).get("matchExpressions")):
        values = sorted(map(str, expression.get("values") or []))
        yield canonical({"key": expression.get("key"), "operator": expression.get("operator"), "values": values})


def _asked(webhook: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Give what a webhook is asked about: group, version, resource, operation and scope, each by itself."""
    for rule in maps_in(webhook.get("rules")):
        parts = [texts_in(rule.get(key)) for key in ("apiGroups", "apiVersions", "resources", "operations")]
        yield from itertools.product(*parts, [str(rule.get("scope") or "*")])


def _covers(one: Sequence[str], other: Sequence[str]) -> bool:
    pairs = list(zip(one, other, strict=True))
    return all(
        _covers_resource(mine, theirs) if number == _PLACE_OF_RESOURCES else mine in ("*", theirs)
        for number, (mine, theirs) in enumerate(pairs)
    )


def _covers_resource(one: str, other: str) -> bool:
    """Compare as the API server does: `*` is every resource, `*/*` with its subresources, `pods/*` those of pods."""
    if one in (other, "*/*"):
        return True
    name, _, part = one.partition("/")
    other_name, _, other_part = other.partition("/")
    return name in ("*", other_name) and (part == other_part or (part == "*" and bool(other_part)))
