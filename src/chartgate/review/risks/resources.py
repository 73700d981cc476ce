"""What becomes of whole objects."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT, is_inside, steps
from chartgate.kubernetes.changes.differences import Difference
from chartgate.kubernetes.changes.lifecycle import annotation_words, is_hook, is_kept, is_left_alone
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.review import Bump
from chartgate.review.risks.risk_class import Hit, risk
from chartgate.review.risks.storage import data_of

_HELD_ON_TO = frozenset(
    [
        *("Service", "Ingress", "Route", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "Gateway", "IngressClass"),
        *("Secret", "ConfigMap", "ServiceAccount", "CustomResourceDefinition", "StorageClass", "PriorityClass"),
    ]
)
_NAMES = "https://kubernetes.io/docs/concepts/overview/working-with-objects/names/"


@risk(level="note", bump="minor", source="https://helm.sh/docs/helm/helm_upgrade/")
def resource_added(pair: Pair) -> Iterator[Hit]:
    """An object is rendered that was not.

    Whoever upgrades gets it without asking, and whatever deploys the chart needs the right to create it. A caution
    for a definition in crds/, or for what is new in one: Helm makes it at an installation only.
    """
    if pair.fate == "changed" and is_left_alone(pair.resource) and any(map(_is_new_in_a_kind, pair.differences)):
        yield Hit("", "what is new in it Helm brings at an installation only: apply it before", "caution")
    if pair.fate == "added" and is_left_alone(pair.resource):
        yield Hit("", "it is new, and Helm makes what is in crds/ at an installation only: apply it before", "caution")
    elif pair.fate == "added":
        yield Hit("", "it is new")


def _is_new_in_a_kind(difference: Difference) -> bool:
    is_text = steps(difference.address)[-1] == "description"
    return difference.before is ABSENT and is_inside(difference.address, "spec") and not is_text


@risk(level="caution", bump="minor", source="https://helm.sh/docs/helm/helm_upgrade/")
def resource_removed(pair: Pair) -> Iterator[Hit]:
    """An object that was rendered is gone.

    Helm and Argo CD delete it with the upgrade, and whatever still refers to it by name fails. Major where others can
    hold on to it: a Service, an Ingress or a Route, a Secret or a ConfigMap, an account, a definition. What becomes a
    hook that runs before the upgrade is deleted as well: the release no longer has it.
    """
    if pair.fate == "removed":
        yield Hit("", _afterwards(pair.resource), bump=_bump_of(pair.resource))
    if pair.fate == "changed" and pair.both:
        before, after = pair.both
        events = annotation_words(after, "helm.sh/hook")
        is_deleted = events and not is_hook(before) and not is_kept(before) and "post-upgrade" not in events
        if is_deleted and not data_of(before):  # what holds data is told as such
            reason = "it is a hook now, which is no part of the release: Helm deletes it once the hook has run"
            yield Hit("metadata.annotations", reason, bump=_bump_of(before))


def _bump_of(resource: Resource) -> Bump | None:
    """Give what the version must be raised by if a name goes that others outside of the chart can use."""
    return "major" if resource.kind in _HELD_ON_TO and not is_hook(resource) else None


def _afterwards(resource: Resource) -> str:
    """Say what becomes of an object that is no longer rendered."""
    if is_kept(resource):
        return "it stays in the cluster, as its annotation says"
    if is_hook(resource):
        return "it is no longer made; what the last run left stays"
    if is_left_alone(resource):
        return "Argo CD deletes it; Helm leaves alone what is in crds/"
    return "an upgrade deletes it"


@risk(level="caution", bump="minor", source=_NAMES)
def resource_renamed(pair: Pair) -> Iterator[Hit]:
    """An object has another name.

    For Kubernetes it is deleted and another one created: its status is lost, and whoever knows its name, a person's
    runbook or a client outside the chart, does not find it. One whose name carries a version or a hash is replaced, and
    nobody holds on to it.
    """
    if pair.fate == "renamed" and pair.both and not pair.is_replaced:
        yield Hit("", f"it was {pair.both[0].name}", bump=_bump_of(pair.resource))


@risk(
    level="danger", bump="major", source="https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/"
)
def namespace_changed(pair: Pair) -> Iterator[Hit]:
    """An object lands in another namespace.

    It is deleted in one and created in the other, what refers to it by name alone does not find it there, and whoever
    deploys the chart needs rights in the new one.
    """
    if pair.fate == "moved" and pair.both:
        yield Hit("", f"from {pair.both[0].namespace or 'the cluster'} to {pair.both[1].namespace or 'the cluster'}")
