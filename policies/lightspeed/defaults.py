"""The chart's defaults are those of the spec."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.addresses import lookup
from chartgate.model import Check, Rendering
from chartgate.policy.checks import chart_states
from chartgate.policy.edits import gone, in_values
from chartgate.policy.policy import policy

from .spec.switches import nothing_overridden

DEFAULTS: dict[str, bool | str] = {
    "lightspeed.enabled": False,
    "lightspeed.vllmUrl": "https://your-model-endpoint.com/v1",
    "lightspeed.vllmApiKey": "",
    "lightspeed.validationProvider": "vllm",
    "lightspeed.validationModelName": "mistralai/Mistral-Small-Instruct-2409",
    "lightspeed.mcpToken": "your-secure-mcp-token",
    "lightspeed.postgres.enabled": False,
    "lightspeed.postgres.namespace": "lightspeed-postgres",
    "lightspeed.postgres.image": "registry.redhat.io/rhel9/postgresql-16:latest",
    "lightspeed.postgres.storageSize": "5Gi",
    "lightspeed.postgres.user": "lightspeed",
    "lightspeed.postgres.password": "secure-password-here",
    "lightspeed.postgres.dbName": "lightspeed",
    "modelCatalog.enabled": False,
    "kubernetes.clusterReaderEnabled": False,
    "sidecars.enabled": False,
    "sidecars.serviceAccount": "default",
    "sidecars.image": "quay.io/redhat-ai-dev/utils:latest",
    "sidecars.locationImage": "quay.io/redhat-ai-dev/model-catalog-location-service:latest",
    "sidecars.storageRestImage": "quay.io/redhat-ai-dev/model-catalog-storage-rest:latest",
    "sidecars.rhoaiNormalizerImage": "quay.io/redhat-ai-dev/model-catalog-rhoai-normalizer:latest",
    "sidecars.llamaStackImage": "quay.io/redhat-ai-dev/llama-stack:0.1.0",
    "sidecars.lightspeedCoreImage": "quay.io/lightspeed-core/lightspeed-stack:dev-20251021-ee9f08f",
    "sidecars.feedbackHarvesterImage": "quay.io/redhat-ai-dev/feedback-harvester:v0.1.0",
}


@policy(
    where=nothing_overridden,
    severity="error",
    remediation="Give the key in values.yaml the default that the spec documents, or change the spec first.",
    spec="values.yaml Structure",
)
def defaults_match_the_spec(rendering: Rendering) -> Iterator[Check]:
    """Every key that the spec documents is in values.yaml, with exactly the documented default.

    People leave out what the spec tells them is already so. Keys of the chart that the spec does not document are
    free.
    """
    for key, default in DEFAULTS.items():
        yield chart_states("values.yaml", key, expected=default, actual=lookup(rendering.chart.defaults, key))


defaults_match_the_spec.breaks(
    "defaults",
    a_key_goes_missing=gone("values.yaml", "lightspeed.validationProvider"),
    a_tag_is_bumped=in_values("sidecars.llamaStackImage", "quay.io/redhat-ai-dev/llama-stack:0.1.2"),
    a_switch_is_text=in_values("modelCatalog.enabled", "false"),
)
