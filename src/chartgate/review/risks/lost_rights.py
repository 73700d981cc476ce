"""Rights that no role has: those that an account has in a cloud, by an annotation, and those on a kind that is new."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.addresses import join
from chartgate.documents.shapes import map_of
from chartgate.kubernetes.changes.lifecycle import annotations_of
from chartgate.kubernetes.permissions import granted_by
from chartgate.kubernetes.pods.workloads import template_if_any
from chartgate.model import Resource, Resources
from chartgate.review.risks.risk_class import Hit

_CLOUDS = (
    "eks.amazonaws.com/role-arn",
    "iam.gke.io/gcp-service-account",
    "azure.workload.identity/client-id",
)
"""The annotations by which an account is somebody in a cloud.

Sources: https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html,
https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity and
https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html
"""


def lost_in_clouds(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say whom an account no longer is in its cloud."""
    had, has = annotations_of(before), annotations_of(after)
    for name in _CLOUDS:
        if had.get(name) and had[name] != has.get(name):
            who = f", but {has[name]}" if has.get(name) else ""
            address = join("metadata", "annotations", name) if has else "metadata.annotations"
            yield Hit(address, f"in the cloud, its pods are no longer {had[name]}{who}")


_OF_PODS = {"labels": ("azure.workload.identity/use",), "annotations": ("iam.amazonaws.com/role",)}
"""By which pods are somebody in a cloud, beside their account."""


def lost_by_pods(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say that pods are nobody in their cloud any longer, or somebody else."""
    metadata = [template_if_any(resource) / "metadata" for resource in (before, after)]
    for field, names in _OF_PODS.items():
        had, has = (map_of(each.at(field)) for each in metadata)
        for name in names:
            if had.get(name) and had[name] != has.get(name):
                yield Hit(
                    (metadata[1] / field / name).address, f"in the cloud, its pods are no longer what {name} made them"
                )


def missing_on_new_kind(definition: Resource, beside: tuple[Resources, Resources]) -> Iterator[Hit]:
    """Say that no role names a new kind, where one names all other kinds of its group, as that of a controller does.

    Args:
        definition: that of the new kind.
        beside: all that the older side renders, and the newer one.
    """
    group, own = str(definition.at("spec.group")), str(definition.at("spec.names.plural"))
    others = {
        str(other.at("spec.names.plural"))
        for other in beside[0].of_kind("CustomResourceDefinition")
        if other.at("spec.group") == group
    }
    roles = [
        {permission.resource for permission in granted_by(role) if permission.group in (group, "*")}
        for role in beside[1].of_kind("Role", "ClusterRole")
    ]
    is_named = any({own, "*", "*/*"} & named for named in roles)
    if others and not is_named and any(others <= named for named in roles):
        yield Hit("", f"no role names {own}.{group}, as one names the other kinds of its group")
