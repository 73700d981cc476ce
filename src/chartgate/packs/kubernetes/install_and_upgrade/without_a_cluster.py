"""Without a cluster: what Argo CD deploys, helm has rendered without one."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.charts.template_texts.cluster_reads import cluster_reads
from chartgate.kubernetes.changes.lifecycle import annotations_of
from chartgate.model import Check, Rendering
from chartgate.policy.checks import with_cause
from chartgate.policy.edits import in_template
from chartgate.policy.policy import WHOLE_MATRIX, policy

HEALTHY = """
apiVersion: v1
kind: Secret
metadata: {name: web, annotations: {argocd.argoproj.io/sync-wave: "-1"}}
stringData: {token: given}
"""


@policy(
    over=WHOLE_MATRIX,
    severity="warning",
    remediation="Take what it looks up from a value, or from a Secret that is made by something else.",
)
def templates_need_no_cluster(renderings: list[Rendering]) -> Iterator[Check]:
    """No template of a chart that is made for Argo CD asks the cluster, or which revision of the release this is.

    Argo CD deploys what `helm template` prints: `lookup` finds nothing there, each time is the first installation and
    revision 1. A password that is only kept where `lookup` finds it is another one at each synchronization. A chart
    is taken to be made for Argo CD when an object has an annotation of it. Source:
    https://argo-cd.readthedocs.io/en/stable/user-guide/helm/
    """
    chart = renderings[0].chart
    objects = (resource for rendering in renderings for resource in rendering.resources)
    if any(key.startswith("argocd.argoproj.io/") for resource in objects for key in annotations_of(resource)):
        asking = list(cluster_reads(chart))
        for template, what, line in asking:
            actual = f"{what}, asked for by {template}:{line}"
            check = Check("templates", template, "nothing that only a cluster knows", actual, False, template)
            yield with_cause(check, "templates")
        if not asking:
            yield Check("templates", "", "nothing that only a cluster knows", "nothing of it", True)


templates_need_no_cluster.breaks(
    manifests=HEALTHY,
    a_password_is_looked_up=in_template('{{- $old := lookup "v1" "Secret" .Release.Namespace "web" }}'),
    an_upgrade_is_different=in_template("{{- if .Release.IsUpgrade }}a: b{{ end }}"),
)
