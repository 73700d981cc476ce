"""Who judges what a switch brings: those that judge each scenario, as far as the switch is to blame for a finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chartgate.documents.addresses import join, lookup, steps
from chartgate.documents.shapes import map_of
from chartgate.documents.walking import leaves, scalars
from chartgate.kubernetes.field_rules.rules_of_pods import WITHOUT_CONTENT
from chartgate.matrix.derivations.switch_turns import WORKLOADS, turned_last
from chartgate.model import Check, Rendering, Scenario
from chartgate.policy.policy import Policy

from ..access_and_secrets import accounts, encoding, leaders, unusable_rights, written_secrets
from ..api_server import (
    admission,
    agreement,
    effects,
    identity,
    measures,
    names,
    namespaces,
    schema,
    soundness,
    stored_data,
)
from ..chart_files import unrendered
from ..filled import names_port
from ..install_and_upgrade import gitops, hook_order, hook_rights, hook_upgrades, immutability
from ..networking import (
    calls,
    certificates,
    listening,
    monitors,
    namesakes,
    namespace_labels,
    network_access,
    network_callers,
    paths,
    protection,
    reach,
    selectors,
    services,
    stateful_sets,
    webhook_rules,
    webhooks,
)
from ..pods_and_storage import (
    checksums,
    claims,
    classes,
    images,
    mounts,
    probes,
    probes_of_tls,
    references,
    scaling,
    spreading,
    unused_claims,
    variables,
)
from ..scripts_and_files import arguments, configuration, script_files, script_variables, scripts
from . import numerals, printed_values

SOURCES = (references.environment_sources_are_there, references.volume_sources_are_there)
"""Whoever turns the making of a Secret off, or TLS on, brings their own: of these, only some findings count."""
_FAMILIES = (
    *(accounts, encoding, leaders, unusable_rights, written_secrets),
    *(admission, agreement, effects, identity, measures, names, schema, soundness, stored_data),
    *(unrendered, gitops, hook_order, hook_rights, hook_upgrades, immutability),
    *(calls, certificates, listening, monitors, namesakes, namespace_labels, network_access, network_callers, paths),
    *(protection, reach, selectors, services, stateful_sets, webhook_rules, webhooks),
    *(checksums, claims, classes, images, mounts, probes, probes_of_tls),
    *(references, scaling, spreading, unused_claims, variables),
    *(arguments, configuration, script_files, script_variables, scripts, numerals, printed_values),
)
"""The modules whose policies judge what a switch brings."""
_OTHERS = (
    *SOURCES,
    # What is elsewhere, no switch brings.
    services.host_names_lead_to_services,
    references.pull_secrets_are_there,
    references.certificates_are_there,
    # A convention, or of a value that has nothing to do with the switch.
    images.images_are_pinned,
    images.images_have_the_version_of_the_program,
    measures.autoscalers_measure_what_is_requested,
    mounts.volumes_are_mounted,
    classes.claims_have_a_class_or_leave_it_open,
    stored_data.stored_data_is_accepted,
    hook_upgrades.upgrade_hooks_bring_what_they_need,
    network_access.network_rules_limit_something,
    services.target_numbers_are_declared,
    webhook_rules.signed_certificates_fit_their_webhooks,
    configuration.configuration_files_fit_their_schema,
    script_variables.scripts_get_the_variables_they_need,
    scripts.scripts_avoid_known_pitfalls,
)


def _judges_in(family: object) -> Iterator[Policy]:
    """Give the policies of a module that judge each scenario by itself."""
    for found in vars(family).values():
        if isinstance(found, Policy) and found.over is None and found.function.__module__ == vars(family)["__name__"]:
            yield found


JUDGES = (
    *(judge for family in _FAMILIES for judge in _judges_in(family) if judge not in _OTHERS),
    encoding.secrets_are_encoded_once,
    namespaces.all_objects_name_the_namespace_or_none,
)
TOGETHER = (
    network_access.network_policies_admit_their_services,
    network_callers.network_policies_admit_their_callers,
    monitors.monitors_find_their_ports,
    services.routes_lead_to_services,
    references.scale_targets_are_there,
    scaling.autoscaled_workloads_set_no_replicas,
    scaling.workloads_have_one_autoscaler,
    scaling.budgets_cover_one_workload,
    mounts.every_mount_has_its_volume,
    agreement.list_items_have_their_own_key,
    soundness.keys_are_there_once,
    identity.identities_are_unique,
    admission.parts_share_no_name,
)
"""What is of two parts that are off by default: either-or parts on together say nothing of the others."""


def is_of_switch(judge: Policy, check: Check, after: Rendering) -> bool:
    """Tell whether a finding is the fault of the chart, not of who turns the switch and leaves the rest as it is."""
    return judge not in _OF_WHO_TURNS or not _OF_WHO_TURNS[judge](check, after)


def is_of_existing(scenario: Scenario) -> bool:
    """Tell whether the word is another one that means what users have already: `type: existingClaim`."""
    _, value = turned_last(scenario)
    return isinstance(value, str) and "existing" in value.lower()


def _is_switch_of(*words: str) -> Callable[[Check, Rendering], bool]:
    return lambda _, after: any(word in turned_last(after.scenario)[0].lower() for word in words)


def _has_a_part_of_a_file(_: Check, after: Rendering) -> bool:
    return any(
        value is True and address not in after.scenario.changes and lookup(after.chart.defaults, address) is False
        for address, value in leaves(after.scenario.overrides)
    )


_BLANK = re.compile(r"<[^<>]++>")
_PROTECTING = ("NetworkPolicy ", "PodDisruptionBudget ")


def _is_left_to_the_user(check: Check, after: Rendering) -> bool:
    """Tell whether a field is empty, or has a text for a number, as a value beside the switch is empty, or `<yours>`.

    So is a host that is put together of empty values, `-0.`, a number to YAML.

    Such a value may be below the switch's own section as well; the switch is turned on.
    """
    given = [found for section in _sections_that_are_on(after) for _, found in leaves(section)]
    is_empty, is_text = str(check.actual).startswith(("null, ", "'' ")), str(check.actual).startswith("string, ")
    blanks = (found for found in given if isinstance(found, str) and _BLANK.fullmatch(found))
    is_given = is_of_existing(after.scenario) or any(found in ("", None) for found in given)
    is_empty = is_empty or (check.path.endswith("host") and str(check.actual).startswith("integer, "))
    return (is_empty and is_given) or (is_text and any(blanks))


def _sections_that_are_on(after: Rendering) -> Iterator[Mapping[str, Any]]:
    """Give the section of each switch that is on now, as it is, and as values.yaml has it, with what is null there."""
    for key, value in after.scenario.changes.items():
        *above, _ = steps(key) or [""]
        for values in (after.scenario.values, after.chart.own_values) if value is True and above else ():
            yield map_of(lookup(values, join(*above)))


def _beside(after: Rendering) -> Mapping[str, Any]:
    """Give the section of the switch that was turned last."""
    *above, _ = steps(turned_last(after.scenario)[0]) or [""]
    return map_of(lookup(after.scenario.values, join(*above))) if above else {}


def _is_of_a_part(check: Check, after: Rendering) -> bool:
    """Tell whether the component in a selector that finds no pod is called like a section: a part that may be off."""
    parts = {part.lower() for part, section in after.scenario.values.items() if isinstance(section, Mapping)}
    labels = _selected(check, after)
    return any(key.endswith("component") and str(name).replace("-", "").lower() in parts for key, name in labels)


def _is_written_in_a_template(check: Check, after: Rendering) -> bool:
    """Tell whether the labels that nothing has are those of pods in the text of a template, for another switch."""
    labels = [f"{key}: {name}" for key, name in _selected(check, after)]
    pods = (text.splitlines() for text in after.chart.templates.values() if "containers:" in text)
    return labels != [] and any(set(labels).issubset(map(str.strip, lines)) for lines in pods)


def _selected(check: Check, after: Rendering) -> list[tuple[str, Any]]:
    """Give the labels of the selector that a finding is about."""
    selectors = (resource.at(check.path) for resource in after.resources if resource.subject == check.subject)
    return [label for selector in selectors for label in map_of(map_of(selector).get("matchLabels")).items()]


def _is_of_no_service(check: Check, after: Rendering) -> bool:
    return turned_last(after.scenario)[1] is False and _is_switch_of("service")(check, after)


def _is_of_what_is_off(check: Check, after: Rendering) -> bool:
    """Tell whether a volume that is not there is one that another section names, which is off: both are turned on."""
    sections = [map_of(section) for section in after.scenario.values.values()]
    off = [section for section in sections if False in (section.get("create"), section.get("enabled"))]
    return any(check.actual == text for section in off for text in scalars(section))


def _is_of_no_security_context(_: Check, after: Rendering) -> bool:
    key, value = turned_last(after.scenario)
    return value is False and "securitycontext" in key.lower()


_OF_WHO_TURNS: Mapping[Policy, Callable[[Check, Rendering], bool]] = {
    # Whoever overrides the namespace is told by another policy.
    namespaces.all_objects_name_the_namespace_or_none: lambda _, after: any(
        ".Values.namespaceOverride" in text for text in after.chart.templates.values()
    ),
    # Without its rights, a program makes no pods; and what protects pods that are off does no harm.
    protection.pod_selectors_find_pods: lambda check, after: (
        _is_switch_of("rbac")(check, after)
        or (
            check.subject.startswith(_PROTECTING)
            and (turned_last(after.scenario)[1] is False or _is_of_a_part(check, after))
        )
    ),
    # What is to be given beside the switch, and is not, the API server asks for in words; how pods of a kind are
    # replaced is a value beside that kind; and what only newer clusters have is for those who have one.
    schema.manifests_fit_their_schema: lambda check, after: (
        _is_left_to_the_user(check, after)
        or (check.is_of_key and f"Kubernetes {schema.admitted_versions(after.chart)[-1]}" not in str(check.expected))
        or (
            turned_last(after.scenario)[1] in WORKLOADS
            and check.path.lower().startswith(("spec.strategy", "spec.update"))
        )
    ),
    # A word may choose what older clusters have; and no Kubernetes has security policies of pods any longer.
    schema.every_kind_has_a_schema: lambda check, after: (
        isinstance(turned_last(after.scenario)[1], str) or check.subject.startswith("PodSecurityPolicy ")
    ),
    # A name that a part has not got is one that users give; so is what its volume shows, and what JSON is made of.
    soundness.documents_are_sound_objects: lambda check, _: (
        check.path.startswith("metadata") or check.severity == "warning"
    ),
    agreement.fields_of_pods_go_together: lambda check, after: (
        WITHOUT_CONTENT in str(check.actual) or (check.actual == "none of them" and None in _beside(after).values())
    ),
    mounts.every_mount_has_its_volume: _is_of_what_is_off,
    # Who turns a security context off wants none; a Service of no ports has those of a list beside its switch, and who
    # gives it another type gives another value for the address beside that.
    effects.fields_have_their_effect: _is_of_no_security_context,
    agreement.fields_of_networks_go_together: lambda check, after: (
        (check.actual == "none" and any(value == [] for value in _beside(after).values()))
        or (check.path == "spec.clusterIP" and _beside(after).get("clusterIP") == "None")
    ),
    # Of two sets of definitions, one in crds/ or both of subcharts, one is meant.
    identity.identities_are_unique: lambda check, after: (
        check.subject.startswith("CustomResourceDefinition ")
        and ("/charts/" in check.template or any(path.startswith("crds/") for path in after.chart.files))
    ),
    stored_data.secrets_hold_what_their_type_demands: lambda check, _: check.actual == "something else",
    # Another type of a Service is for those who let others in.
    network_access.network_policies_admit_their_services: lambda check, _: "and not by Service " in str(check.actual),
    # The number of pods over a claim, or under a budget, is the user's, unless the budget lets none go of any number.
    claims.claims_of_one_node_have_one_pod: _is_switch_of("replica", "autoscal", "hpa", "keda"),
    scaling.budgets_leave_room_for_a_drain: lambda check, after: (
        str(check.actual) not in ("100%", "0", "0%") and _is_switch_of("pdb", "disruption", "budget")(check, after)
    ),
    # What is there twice beside a part that a file of ci/ turns on is of two that are meant one instead of the other.
    agreement.list_items_have_their_own_key: _has_a_part_of_a_file,
    # Who turns the Service off has one.
    **dict.fromkeys(
        (
            stateful_sets.stateful_sets_have_their_service,
            calls.called_hosts_of_the_release_are_services,
        ),
        _is_of_no_service,
    ),
    monitors.monitors_find_their_ports: lambda check, after: (
        _is_of_no_service(check, after)
        or names_port(str(check.actual), after, *(["Service"] if check.subject.startswith("ServiceMonitor ") else []))
        or _is_written_in_a_template(check, after)
    ),
    soundness.keys_are_there_once: _has_a_part_of_a_file,
}
