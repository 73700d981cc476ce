"""The model catalog: the account that reads the cluster for it, and who acts as that account."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.addresses import lookup
from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.permissions import (
    bindings_of,
    covered,
    granted_by,
    on,
    role_reference,
    service_account,
    without_repetition,
)
from chartgate.kubernetes.pods.workloads import containers
from chartgate.model import Check, Rendering, Resource, Resources, Scenario
from chartgate.policy.checks import equals, rendered, states
from chartgate.policy.policy import policy

from .spec.backstage import BRIDGE, CONTAINERS, POD, after_hooks, cluster_name, hub_account
from .spec.switches import catalog_on, master_on, sidecars_on

ACCOUNT = "rhdh-rhoai-bridge"
TOKEN = "rhdh-rhoai-bridge-token"  # noqa: S105 - a name
REGISTRY_ROLE = "registry-user-modelregistry-public"
STORE = "bac-import-model"
SPEC = "Core Templates"

# What the programs of the bridge ask for. Source: https://github.com/redhat-ai-dev/model-catalog-bridge,
# pkg/cmd/server (NewControllerManager, setupKFMR, GetBackstageURL, ConfigMapBridgeStorage).
CLUSTER_NEEDS = [
    *on("apiextensions.k8s.io", "customresourcedefinitions", "get", "inferenceservices.serving.kserve.io"),
    *on("serving.kserve.io", "inferenceservices", "get list watch"),
    *on("route.openshift.io", "routes", "get list"),
]
STORE_NEEDS = [*on("", "configmaps", "create"), *on("", "configmaps", "get update", STORE)]
# The most that the bridge's own project grants it.
CLUSTER_MOST = [
    *on("apiextensions.k8s.io", "customresourcedefinitions", "get"),
    *on("serving.kserve.io", "inferenceservices", "get list watch"),
    *on("route.openshift.io", "routes", "get list watch"),
    *on("", "serviceaccounts", "get list watch"),
    *on("", "services", "get list watch"),
]
STORE_MOST = on("", "configmaps", "get list watch create update patch")


def bridge_runs(scenario: Scenario) -> bool:
    """The sidecars of the model catalog are injected, and have their account."""
    return catalog_on(scenario) and sidecars_on(scenario)


@policy(
    where=catalog_on,
    severity="error",
    remediation="Grant the account rhdh-rhoai-bridge what the bridge asks for: cluster-wide only to read, and"
    " ConfigMaps in the release's namespace.",
    spec=SPEC,
)
def model_catalog_rbac(rendering: Rendering) -> Iterator[Check]:
    """The model catalog's account may do in the cluster and in its namespace what the bridge does there, and no more.

    It is a token in the environment of three containers: whoever gets into one of them may do the same.
    """
    namespace = rendering.scenario.namespace
    yield rendered(rendering, "ServiceAccount", ACCOUNT, namespace)
    yield equals(rendering.resources.one("Secret", TOKEN, namespace), "type", "kubernetes.io/service-account-token")
    annotation = "metadata.annotations[kubernetes.io/service-account.name]"
    yield equals(rendering.resources.one("Secret", TOKEN, namespace), annotation, ACCOUNT)
    for kind, needed, most in (
        ("ClusterRole", CLUSTER_NEEDS, CLUSTER_MOST),
        ("Role", STORE_NEEDS, STORE_MOST),
    ):
        role = _role_of(rendering, kind)
        granted = granted_by(role)
        for permission in needed:
            actual = "; ".join(map(str, granted)) or "nothing"
            yield states(role, "rules", covered(permission, granted), expected=str(permission), actual=actual)
        for permission in without_repetition(granted):
            allowed = covered(permission, most)
            expected = str(permission) if allowed else "nothing that the bridge does not ask for"
            yield states(role, "rules", allowed, expected=expected, actual=str(permission))
        binding = rendering.resources.one(f"{kind}Binding", role.name, role.namespace)
        yield equals(binding, "roleRef", role_reference(kind, role.name))
        accounts = [ACCOUNT] if kind == "ClusterRole" else list(dict.fromkeys([ACCOUNT, _writer(rendering.scenario)]))
        yield equals(binding, "subjects", [service_account(account, namespace) for account in accounts])


@model_catalog_rbac.counterexample("lightspeed+catalog")
def its_account_is_not_made(rendering: Rendering) -> Rendering:
    rendering.resources.remove(rendering.resources.one("ServiceAccount", ACCOUNT))
    return rendering


@model_catalog_rbac.counterexample("lightspeed+catalog")
def its_token_is_another_accounts(rendering: Rendering) -> Rendering:
    annotations = rendering.resources.one("Secret", TOKEN).at("metadata.annotations")
    annotations["kubernetes.io/service-account.name"] = "default"
    return rendering


@model_catalog_rbac.counterexample("all_on")
def it_may_patch_deployments_everywhere(rendering: Rendering) -> Rendering:
    rules = _role_of(rendering, "ClusterRole").at("rules")
    rules.append({"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list", "watch", "patch"]})
    return rendering


@model_catalog_rbac.counterexample("all_on")
def it_may_not_list_models(rendering: Rendering) -> Rendering:
    rules = _role_of(rendering, "ClusterRole").at("rules")
    rules[:] = [rule for rule in rules if rule["apiGroups"] != ["serving.kserve.io"]]
    return rendering


@model_catalog_rbac.counterexample("all_on")
def it_may_not_create_its_store(rendering: Rendering) -> Rendering:
    for rule in _role_of(rendering, "Role").at("rules"):
        rule["resourceNames"] = [STORE]
        rule["verbs"] = [verb for verb in rule["verbs"] if verb != "create"]
    return rendering


@model_catalog_rbac.counterexample("all_on")
def everybody_may_do_the_same(rendering: Rendering) -> Rendering:
    role = _role_of(rendering, "ClusterRole")
    group = {"kind": "Group", "name": "system:serviceaccounts", "apiGroup": "rbac.authorization.k8s.io"}
    rendering.resources.one("ClusterRoleBinding", role.name).at("subjects").append(group)
    return rendering


@policy(
    where=bridge_runs,
    severity="error",
    remediation="Give rhdh-rhoai-bridge-token as envFrom, without a prefix, to the three sidecars of the bridge only.",
    spec=SPEC,
)
def bridge_containers_have_the_token(rendering: Rendering) -> Iterator[Check]:
    """The three sidecars of the model catalog, and no other container, get the token of its account.

    They read variables that are literally named `token` and `ca.crt`, which are the keys of such a Secret.
    """
    backstage = after_hooks(rendering)
    for found in containers(backstage):
        sources = maps_in(found.at("envFrom"))
        tokens = [source for source in sources if lookup(source, "secretRef.name") == TOKEN]
        wanted = found.name in BRIDGE
        passed = [bool(source.get("prefix")) for source in tokens] == [False] * wanted
        expected = f"{TOKEN}, without a prefix" if wanted else f"anything but {TOKEN}"
        yield states(backstage, f"{found.address}.envFrom", passed, expected=expected, actual=sources)


@bridge_containers_have_the_token.counterexample("all_on")
def the_normalizer_has_none(rendering: Rendering) -> Rendering:
    del after_hooks(rendering).at(f"{CONTAINERS}[rhoai-normalizer]")["envFrom"]
    return rendering


@bridge_containers_have_the_token.counterexample("all_on")
def its_variables_have_a_prefix(rendering: Rendering) -> Rendering:
    after_hooks(rendering).at(f"{CONTAINERS}[location].envFrom")[0]["prefix"] = "BRIDGE_"
    return rendering


@bridge_containers_have_the_token.counterexample("all_on")
def llama_stack_has_it_too(rendering: Rendering) -> Rendering:
    after_hooks(rendering).at(f"{CONTAINERS}[llama-stack].envFrom").append({"secretRef": {"name": TOKEN}})
    return rendering


@policy(
    where=bridge_runs,
    severity="error",
    remediation="Mount no token into the pod, or make its account a subject of the RoleBinding rhdh-rhoai-bridge.",
    spec=SPEC,
)
def storage_rest_may_write_its_store(rendering: Rendering) -> Iterator[Check]:
    """The account that storage-rest acts as may keep the models in the ConfigMap bac-import-model.

    storage-rest prefers the token of the pod's account, where one is mounted, to the one in its environment, and only
    logs that it may not write.
    """
    backstage, scenario = after_hooks(rendering), rendering.scenario
    account = _writer(scenario)
    yield equals(backstage, f"{POD}.automountServiceAccountToken", account != ACCOUNT)
    yield equals(backstage, f"{POD}.serviceAccountName", hub_account(scenario))
    binding = rendering.resources.one("RoleBinding", ACCOUNT, scenario.namespace)
    names = [str(subject.get("name")) for subject in maps_in(binding.at("subjects"))]
    bound = binding.identity in bindings_of(rendering.resources, account, scenario.namespace).identities()
    yield states(binding, "subjects", bound, expected=f"the account {account}", actual=names)


@storage_rest_may_write_its_store.counterexample("all_on")
def a_token_is_mounted_nevertheless(rendering: Rendering) -> Rendering:
    after_hooks(rendering).at(POD)["automountServiceAccountToken"] = True
    return rendering


@storage_rest_may_write_its_store.counterexample("hub_account")
def the_account_of_the_pod_may_not(rendering: Rendering) -> Rendering:
    binding = rendering.resources.one("RoleBinding", ACCOUNT)
    binding.at("subjects")[:] = [service_account(ACCOUNT, rendering.scenario.namespace)]
    return rendering


@policy(
    where=master_on,
    severity="error",
    remediation="Render the RoleBinding in modelCatalog.registryNamespace exactly when that is set.",
    spec=SPEC,
)
def registry_is_read_only_where_it_is_named(rendering: Rendering) -> Iterator[Check]:
    """The account gets the registry's Role in modelCatalog.registryNamespace, and nothing where none is named.

    A binding in a namespace that does not exist keeps the whole application from syncing.
    """
    scenario = rendering.scenario
    registry = str(scenario.value("modelCatalog.registryNamespace")) if catalog_on(scenario) else ""
    namespaces = {scenario.namespace, scenario.value("lightspeed.postgres.namespace"), registry}
    for binding in rendering.resources.of_kind("RoleBinding"):
        expected = "no binding in a namespace that the values do not name"
        passed = binding.namespace in namespaces
        yield states(binding, "metadata.namespace", passed, expected=expected, actual=binding.namespace)
    if registry:
        binding = rendering.resources.one("RoleBinding", cluster_name(scenario, ACCOUNT), registry)
        yield equals(binding, "roleRef", role_reference("Role", REGISTRY_ROLE))
        yield equals(binding, "subjects", [service_account(ACCOUNT, scenario.namespace)])


@registry_is_read_only_where_it_is_named.counterexample("lightspeed+catalog")
def it_is_read_by_default(rendering: Rendering) -> Rendering:
    model = rendering.resources.one("RoleBinding", ACCOUNT)
    metadata = {"name": "registry", "namespace": "rhoai-model-registries"}
    binding = Resource({**model.manifest, "metadata": metadata}, model.template, model.default_namespace)
    rendering.resources.append(binding)
    return rendering


@registry_is_read_only_where_it_is_named.counterexample("model_registry")
def it_is_read_by_nobody(rendering: Rendering) -> Rendering:
    rendering.resources.remove(_registry_binding(rendering.resources))
    return rendering


@registry_is_read_only_where_it_is_named.counterexample("model_registry")
def it_is_read_by_the_whole_namespace(rendering: Rendering) -> Rendering:
    group = {"kind": "Group", "name": "system:serviceaccounts:backstage", "apiGroup": "rbac.authorization.k8s.io"}
    _registry_binding(rendering.resources).manifest["subjects"] = [group]
    return rendering


def _role_of(rendering: Rendering, kind: str) -> Resource:
    scenario = rendering.scenario
    if kind == "Role":
        return rendering.resources.one("Role", ACCOUNT, scenario.namespace)
    return rendering.resources.one("ClusterRole", cluster_name(scenario, ACCOUNT))


def _writer(scenario: Scenario) -> str:
    """Give the account that storage-rest acts as: the pod's own where its token is mounted, else the bridge's."""
    mounted = scenario.value("redhat-developer-hub.upstream.serviceAccount.automountServiceAccountToken")
    return hub_account(scenario) if mounted else ACCOUNT


def _registry_binding(resources: Resources) -> Resource:
    return next(r for r in resources.of_kind("RoleBinding") if r.namespace == "rhoai-model-registries")
