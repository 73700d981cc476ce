"""Each template of Lightspeed renders when its flag says so, and only then."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import template_renders
from chartgate.policy.edits import added
from chartgate.policy.policy import Where, policy

from .spec.switches import catalog_on, master_on, postgres_on, reader_on, sidecars_on

# The spec's table of core templates; each condition includes the master switch.
TEMPLATES: dict[str, Where] = {
    "lightspeed-postgres.yaml": postgres_on,
    "lightspeed-postgres-info-secret.yaml": master_on,
    "lightspeed-stack-config.yaml": master_on,
    "lightspeed-mcp-token-secret.yaml": master_on,
    "llama-stack-secrets.yaml": master_on,
    "rolling-demo-sidecars-job.yaml": sidecars_on,
    "rolling-demo-rbac.yaml": reader_on,
    "model-catalog-rbac.yaml": catalog_on,
}


@policy(
    severity="error",
    remediation="Wrap the template in `if and .Values.lightspeed.enabled <its own flag>`, and in nothing else.",
    spec="Core Templates",
)
def templates_follow_their_flags(rendering: Rendering) -> Iterator[Check]:
    """Each of the eight templates renders resources exactly when the master switch and its own flag are on.

    Resources are counted, not documents: helm prints a header even for a template that holds only a comment.
    """
    for file_name, is_on in TEMPLATES.items():
        yield template_renders(rendering, file_name, wanted=is_on(rendering.scenario))


templates_follow_their_flags.breaks(
    "lightspeed+sidecars",
    the_reader_is_bound_unasked=added(
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: reader}}",
        "rhdh-helm/templates/rolling-demo-rbac.yaml",
    ),
)
templates_follow_their_flags.breaks(
    "sidecars",
    the_job_runs_without_the_master=added(
        "{apiVersion: batch/v1, kind: Job, metadata: {name: update-deployment-containers}}",
        "rhdh-helm/templates/rolling-demo-sidecars-job.yaml",
    ),
)


@templates_follow_their_flags.counterexample("all_on")
def the_catalog_has_no_permissions(rendering: Rendering) -> Rendering:
    for resource in rendering.resources.from_template("model-catalog-rbac.yaml"):
        rendering.resources.remove(resource)
    return rendering


@templates_follow_their_flags.counterexample("lightspeed+postgres")
def a_template_is_renamed(rendering: Rendering) -> Rendering:
    for resource in rendering.resources.from_template("lightspeed-stack-config.yaml"):
        rendering.resources.remove(resource)
        moved = Resource(resource.manifest, "rhdh-helm/templates/stack.yaml", resource.default_namespace)
        rendering.resources.append(moved)
    return rendering
