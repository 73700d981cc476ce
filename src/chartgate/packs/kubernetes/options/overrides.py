"""Overrides: a release under a name that its user chose, and in a namespace of theirs, is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from chartgate.charts.template_texts.given_objects import gives_objects
from chartgate.charts.template_texts.meant_namespace import meant_namespace
from chartgate.kubernetes.links.existence import find
from chartgate.kubernetes.links.object_references import accounts
from chartgate.matrix.derivations.derived import chart_of, corners
from chartgate.matrix.derivations.named_parts import CHOSEN_PART, with_named_parts
from chartgate.matrix.derivations.switch_turns import all_on
from chartgate.matrix.derivations.user_values import (
    with_leases_elsewhere,
    with_monitors_elsewhere,
    with_other_accounts,
    with_other_names,
    with_other_places,
    with_other_subcharts,
)
from chartgate.model import Check, Rendering, Scenario
from chartgate.policy.checks import chart_states, states, with_cause
from chartgate.policy.edits import of_scenario, put
from chartgate.policy.policy import policy

from ..access_and_secrets.accounts import bindings_join_roles_and_accounts, service_accounts_are_there
from ..access_and_secrets.leaders import leaders_may_hold_their_lease
from ..api_server.names import labels_are_valid, object_names_are_valid
from ..api_server.namespaces import namespaces_are_there
from ..healthy.release import HEALTHY
from ..install_and_upgrade.equivalence import ONE
from ..networking.calls import called_hosts_of_the_release_are_services
from ..networking.monitors import monitors_find_their_ports
from ..networking.protection import pod_selectors_find_pods
from ..networking.selectors import selectors_match_their_own_pods, workloads_share_no_pods
from ..networking.services import host_names_lead_to_services, routes_lead_to_services, service_selectors_find_pods
from ..networking.stateful_sets import stateful_sets_have_their_service
from ..networking.webhooks import (
    certificates_are_for_their_webhooks,
    injected_authorities_are_there,
    webhooks_lead_to_services,
)
from ..newly import new_findings
from ..pods_and_storage.references import (
    claims_are_there,
    environment_sources_are_there,
    scale_targets_are_there,
    volume_sources_are_there,
)

JUDGES = (
    object_names_are_valid,
    labels_are_valid,
    injected_authorities_are_there,
    certificates_are_for_their_webhooks,
    selectors_match_their_own_pods,
    workloads_share_no_pods,
    service_selectors_find_pods,
    stateful_sets_have_their_service,
    routes_lead_to_services,
    host_names_lead_to_services,
    webhooks_lead_to_services,
    environment_sources_are_there,
    volume_sources_are_there,
    claims_are_there,
    scale_targets_are_there,
    service_accounts_are_there,
    bindings_join_roles_and_accounts,
    pod_selectors_find_pods,
    monitors_find_their_ports,
    leaders_may_hold_their_lease,
)
_NAMESPACE = "namespaceOverride"
"""How the scenario's name ends in which it is another one."""
_OF_A_NAMESPACE = (
    # A name that is too long is so by that of the release, which another policy makes longer still.
    *(judge for judge in JUDGES if judge not in (object_names_are_valid, labels_are_valid)),
    namespaces_are_there,
    called_hosts_of_the_release_are_services,
)


def _other_names(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    yield from with_other_names(scenarios)
    yield from with_other_accounts(scenarios)
    yield from with_leases_elsewhere(scenarios)
    yield from with_monitors_elsewhere(scenarios)
    yield from with_named_parts(scenarios)
    yield from (pair for pair in with_other_places(scenarios) if pair[1].name.endswith(_NAMESPACE))


@policy(
    over=_other_names,
    severity="error",
    remediation="Make every name, and everything that refers to one, by the same named template as the object itself.",
)
def overridden_names_fit(before: Rendering, after: Rendering) -> Iterator[Check]:
    """With a name or the namespace overridden, names are valid, and what refers to an object still finds it.

    What one template names by `fullname` and another one by the release's name is the same until somebody sets one
    of the two. The full name is as long as a release's name may be; what is added to a name that is cut at 63
    characters is told by long_release_names_fit. Judged by the policies that judge each scenario; what they find
    without the override as well is told there.
    Source: https://helm.sh/docs/chart_best_practices/conventions/ and the templates of `helm create`
    """
    for key in after.scenario.changes:
        rendered = "refused" if after.error else "rendered"
        yield chart_states("values.yaml", key, expected=rendered, actual=rendered)
    # What users add has the namespace that they give it, and a part that they name may be one of their own.
    added = {r.name for r in after.resources if gives_objects(after.chart, r.template)}
    added |= {str(value) for value in after.scenario.changes.values() if str(value).startswith(CHOSEN_PART)}
    is_elsewhere = after.scenario.name.endswith(_NAMESPACE)
    for check in new_findings((*JUDGES, called_hosts_of_the_release_are_services), before, after):
        if is_elsewhere and not check.passed and "/templates/tests/" in check.template:
            continue  # a test that is run in the release's own namespace does no harm
        if check.passed or check.asked is None or check.asked.name not in added:
            is_of_name = object_names_are_valid.name in str(check.expected)
            if not (is_of_name and not check.passed and _is_too_long_without_it(check, before)):
                is_of_lease = leaders_may_hold_their_lease.name in str(check.expected)
                # Objects that do not go along into another namespace are lost to all that refer to them.
                elsewhere = after.scenario.name.rpartition(".")[2]
                cause = elsewhere if elsewhere == _NAMESPACE else "leases elsewhere" if is_of_lease else ""
                cause = "names that are not valid" if is_of_name else cause
                yield with_cause(check, cause) if cause else check
    if not before.error and not after.error:
        yield from _accounts(after)


def _is_too_long_without_it(check: Check, before: Rendering) -> bool:
    """Tell whether a long name of the release gives the same: its name is cut at the limit, and more is added."""
    made = (resource.name for resource in before.resources if resource.template == check.template)
    is_cut = any("trunc 63" in text for text in before.chart.templates.values())
    return is_cut and any(name.startswith(before.scenario.release) for name in made)


def _accounts(after: Rendering) -> Iterator[Check]:
    """Expect the account of a name that users chose, where its own switch says that the chart makes it."""
    made = {name for key, name in after.scenario.changes.items() if key.endswith(".name")}
    for resource in after.resources:
        for reference in accounts(resource):
            if reference.name in made:
                passed = find(after.resources, reference.kind, reference.name, reference.namespace) is not None
                there = [account.name for account in after.resources.of_kind("ServiceAccount")]
                actual = "rendered" if passed else f"not there; there is {', '.join(there) or 'no account at all'}"
                yield states(reference.place, passed, expected=f"{reference} is rendered", actual=actual)


overridden_names_fit.breaks(
    manifests=HEALTHY,
    the_service_selects_by_another_name=put("Service web", "spec.selector.app", "chosen-by-user"),
    the_selector_keeps_the_name=put("Deployment web", "spec.template.metadata.labels.app", "chosen-by-user"),
    the_name_is_too_long=put("Service web", "metadata.name", f"{'a' * 53}-headless-metrics"),
    the_account_has_its_own_name=(
        put("Deployment web", "spec.template.spec.serviceAccountName", "chosen-by-user-0"),
        of_scenario(changes={"serviceAccount.name": "chosen-by-user-0"}, is_trial=True),
    ),
)


def _elsewhere(scenarios: Sequence[Scenario]) -> Iterable[tuple[Scenario, Scenario]]:
    """Pair scenarios with releases of another name in another namespace, also the one with every switch on.

    These are the same releases as those of `renaming_changes_names_only` and `two_releases_share_nothing`. A chart
    whose values name the namespace that it is in is in no other one.
    """
    on = all_on(scenarios)
    tried = [*corners(scenarios), *([on] if on else [])]
    bound = {scenario.name for scenario in tried if meant_namespace(chart_of(scenario)) == scenario.namespace}
    return [(scenario, scenario.derived("one", **ONE)) for scenario in tried if scenario.name not in bound]


@policy(
    over=_elsewhere,
    severity="error",
    remediation="Write .Release.Namespace and .Release.Name where the release's own are meant.",
)
def another_namespace_fits(before: Rendering, after: Rendering) -> Iterator[Check]:
    """A release of another name, in another namespace, still finds what it refers to.

    `namespace: default` in a binding, a webhook or a Service is right only as long as the chart is tried without a
    namespace. Judged by the policies that judge each scenario; what they find in the release's own namespace as well is
    told there. Source: https://helm.sh/docs/chart_template_guide/builtin_objects/
    """
    for check in new_findings(_OF_A_NAMESPACE, before, after):
        yield with_cause(check, check.template) if check.template else check  # it has one namespace in mind


another_namespace_fits.breaks(
    manifests=HEALTHY,
    the_service_is_in_a_fixed_namespace=put("Service web", "metadata.namespace", "fixed"),
    the_service_selects_by_another_name=put("Service web", "spec.selector.app", "chosen-by-user"),
)


@policy(
    over=with_other_subcharts,
    severity="error",
    remediation="Ask the subchart's own named template for its name: `include` it with `.Subcharts.NAME` for a dot.",
)
def other_names_of_subcharts_fit(before: Rendering, after: Rendering) -> Iterator[Check]:
    """With another name, or full name, of each subchart, what the chart calls by their names still finds it.

    A host, a Secret or a claim that a parent builds of the release's name and that of the subchart is right until
    somebody gives the subchart another one. Judged by the policies that judge each scenario.
    Source: https://helm.sh/docs/chart_template_guide/subcharts_and_globals/
    """
    for check in new_findings((*JUDGES, called_hosts_of_the_release_are_services), before, after):
        yield with_cause(check, check.template) if check.template else check


other_names_of_subcharts_fit.breaks(
    manifests=HEALTHY,
    the_subchart_has_another_name=put("Route web", "spec.to.name", "chosen-by-user-0"),
)
