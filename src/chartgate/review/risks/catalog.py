"""Every class of risk that a review knows, by what its rule looks at."""

from chartgate.review.classes import RiskClass
from chartgate.review.risks import access, lifecycle, pods, resources, security, storage, values, versions

OF_RESOURCES: tuple[RiskClass, ...] = (
    lifecycle.immutable,
    storage.storage,
    storage.data_loss,
    access.rbac_widened,
    security.security_loosened,
    pods.image,
    storage.secret_key_removed,
    pods.container_removed,
    pods.port_removed,
    pods.probe_removed,
    pods.limits_changed,
    lifecycle.downtime,
    lifecycle.hook_changed,
    resources.namespace_changed,
    resources.resource_added,
    resources.resource_removed,
    resources.resource_renamed,
)
OF_VALUES: tuple[RiskClass, ...] = (
    values.default_toggled,
    values.default_changed,
    values.values_key_removed,
    values.values_key_added,
    values.values_retyped,
)
OF_SCHEMAS: tuple[RiskClass, ...] = (values.schema_narrowed,)
OF_SCENARIOS: tuple[RiskClass, ...] = (values.values_refused,)
OF_VERSIONS: tuple[RiskClass, ...] = (
    versions.version_not_raised,
    versions.version_too_low,
    versions.app_version_inconsistent,
)
CLASSES: dict[str, RiskClass] = {
    found.name: found for found in (*OF_RESOURCES, *OF_VALUES, *OF_SCHEMAS, *OF_SCENARIOS, *OF_VERSIONS)
}
