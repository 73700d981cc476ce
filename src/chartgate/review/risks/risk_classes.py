"""Every class of risk that a review knows, by what its rule looks at."""

from chartgate.review.risks import (
    access,
    admitted_objects,
    containers,
    defined_kinds,
    exposure,
    found_by_labels,
    found_elsewhere,
    hardening,
    logins,
    lost_reach,
    pods_in_place,
    resources,
    restarted_pods,
    routing,
    run_images,
    scheduling,
    started_containers,
    storage,
    tightening,
    upgrades,
    values_contract,
    version_number,
)
from chartgate.review.risks.risk_class import RiskClass

OF_RESOURCES: tuple[RiskClass, ...] = (
    upgrades.immutable,
    storage.storage,
    storage.data_loss,
    access.rbac_widened,
    access.rbac_narrowed,
    hardening.security_loosened,
    tightening.security_tightened,
    hardening.network_narrowed,
    exposure.exposed,
    lost_reach.unexposed,
    routing.routing_changed,
    admitted_objects.webhook_hardened,
    defined_kinds.crd_narrowed,
    defined_kinds.api_version_changed,
    pods_in_place.user_changed,
    run_images.image,
    storage.secret_key_removed,
    storage.config_key_removed,
    logins.login_changed,
    started_containers.start_changed,
    started_containers.source_changed,
    containers.container_removed,
    containers.port_removed,
    containers.probe_removed,
    pods_in_place.probe_changed,
    containers.limits_changed,
    upgrades.downtime,
    scheduling.scheduling_narrowed,
    scheduling.scheduling_widened,
    upgrades.hook_changed,
    resources.namespace_changed,
    resources.resource_added,
    resources.resource_removed,
    resources.resource_renamed,
    found_by_labels.label_removed,
)
OF_VALUES: tuple[RiskClass, ...] = (
    values_contract.default_toggled,
    values_contract.default_changed,
    values_contract.values_key_removed,
    values_contract.values_key_added,
    values_contract.values_retyped,
)
OF_SCHEMAS: tuple[RiskClass, ...] = (values_contract.schema_narrowed,)
OF_SCENARIOS: tuple[RiskClass, ...] = (values_contract.values_refused,)
OF_VERSIONS: tuple[RiskClass, ...] = (
    version_number.version_not_raised,
    version_number.version_too_low,
    version_number.app_version_inconsistent,
)
OF_GATES: tuple[RiskClass, ...] = (found_elsewhere.gate_weakened,)
OF_IGNORED_KEYS: tuple[RiskClass, ...] = (values_contract.values_key_ignored,)
OF_KUBE_VERSIONS: tuple[RiskClass, ...] = (values_contract.kube_version_raised,)
OF_UPGRADES: tuple[RiskClass, ...] = (restarted_pods.restarts,)
OF_CHANCE: tuple[RiskClass, ...] = (found_elsewhere.unstable,)
OF_FINDINGS: tuple[RiskClass, ...] = (found_elsewhere.new_finding,)
CLASSES: dict[str, RiskClass] = {
    found.name: found
    for found in (
        *OF_RESOURCES,
        *OF_VALUES,
        *OF_IGNORED_KEYS,
        *OF_SCHEMAS,
        *OF_SCENARIOS,
        *OF_VERSIONS,
        *OF_FINDINGS,
        *OF_UPGRADES,
        *OF_CHANCE,
        *OF_KUBE_VERSIONS,
        *OF_GATES,
    )
}
