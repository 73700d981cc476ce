"""Who judges what a switch brings: those that judge each scenario, as far as the switch is to blame for a finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from chartgate.documents.addresses import join, lookup, steps
from chartgate.documents.walking import leaves
from chartgate.kubernetes.field_rules.rules_of_pods import WITHOUT_CONTENT
from chartgate.matrix.derivations.derived import chart_of
from chartgate.matrix.derivations.switch_turns import turned_last
from chartgate.model import Check, Scenario
from chartgate.policy.policy import Policy

from ..access_and_secrets.accounts import rights_are_for_the_accounts_of_pods
from ..access_and_secrets.encoding import secrets_are_encoded_once, values_are_quoted_once
from ..access_and_secrets.unusable_rights import roles_name_what_there_is
from ..api_server.admission import fixed_choices_are_spelt_right, parts_share_no_name, requests_stay_within_limits
from ..api_server.agreement import (
    fields_of_claims_and_roles_go_together,
    fields_of_networks_go_together,
    fields_of_pods_go_together,
    fields_of_workloads_go_together,
    list_items_have_their_own_key,
)
from ..api_server.effects import fields_have_their_effect
from ..api_server.identity import identities_are_unique
from ..api_server.measures import amounts_have_their_unit
from ..api_server.names import parts_have_valid_names
from ..api_server.namespaces import all_objects_name_the_namespace_or_none
from ..api_server.schema import manifests_fit_their_schema
from ..api_server.soundness import documents_are_sound_objects, keys_are_there_once
from ..api_server.stored_data import metadata_is_accepted, secrets_hold_what_their_type_demands
from ..chart_files.unrendered import templates_in_values_are_rendered
from ..install_and_upgrade.gitops import hook_annotations_are_known
from ..install_and_upgrade.hook_order import hooks_call_what_is_running, hooks_find_what_they_need
from ..install_and_upgrade.hook_rights import hooks_have_their_rights
from ..install_and_upgrade.hook_upgrades import hooks_can_be_made_again
from ..install_and_upgrade.immutability import nothing_immutable_carries_a_version
from ..networking.calls import called_hosts_of_the_release_are_services, called_ports_are_of_their_service
from ..networking.certificates import (
    certificates_are_for_hosts_that_are_served,
    served_hosts_have_a_certificate,
)
from ..networking.listening import programs_listen_where_they_are_asked
from ..networking.monitors import fields_of_monitors_hold_what_belongs_there, monitors_find_their_ports
from ..networking.namesakes import service_ports_lead_to_their_namesakes
from ..networking.namespace_labels import namespaces_are_selected_by_labels_that_they_have
from ..networking.network_access import network_policies_admit_their_services
from ..networking.network_callers import network_policies_admit_their_callers
from ..networking.paths import paths_have_one_slash_at_a_time
from ..networking.protection import pod_selectors_find_pods
from ..networking.reach import named_files_are_mounted, short_host_names_are_of_the_namespace
from ..networking.selectors import selectors_carry_no_version, services_leave_jobs_out
from ..networking.services import (
    host_names_lead_to_services,
    routes_lead_to_services,
    services_find_only_pods_that_listen,
    target_ports_are_open,
)
from ..networking.stateful_sets import services_of_several_pods_are_headless
from ..networking.webhook_rules import defined_resources_are_named_by_their_plural, webhooks_leave_their_own_pods_alone
from ..pods_and_storage.checksums import checksums_are_of_different_files
from ..pods_and_storage.claims import claims_of_one_node_have_one_pod
from ..pods_and_storage.images import images_have_a_valid_name
from ..pods_and_storage.mounts import (
    every_mount_has_its_volume,
    named_paths_are_those_of_mounts,
    sub_paths_are_keys,
)
from ..pods_and_storage.probes import named_probe_ports_are_declared
from ..pods_and_storage.references import (
    environment_sources_are_there,
    scale_targets_are_there,
    volume_sources_are_there,
)
from ..pods_and_storage.scaling import (
    autoscaled_workloads_set_no_replicas,
    budgets_cover_one_workload,
    budgets_leave_room_for_a_drain,
)
from ..pods_and_storage.spreading import spreading_counts_its_own_pods
from ..pods_and_storage.unused_claims import claims_are_mounted
from ..pods_and_storage.variables import variables_are_there_when_they_are_asked_for
from ..scripts_and_files.arguments import flags_and_values_are_words, flags_have_no_quotes_around_their_values
from ..scripts_and_files.configuration import configuration_files_parse
from ..scripts_and_files.script_files import (
    files_that_are_named_are_mounted,
    files_that_are_run_are_executable,
    scripts_write_where_they_may,
)
from ..scripts_and_files.script_variables import scripts_read_variables_by_their_names
from ..scripts_and_files.scripts import (
    failing_commands_fail_their_job,
    scripts_have_no_errors,
    words_after_a_script_are_read,
)
from .numerals import formatted_values_fit_their_verb, integers_keep_their_digits
from .overrides import JUDGES as OF_NAMES
from .printed_values import lists_and_maps_are_not_printed_by_go

SOURCES = (environment_sources_are_there, volume_sources_are_there)
"""Whoever turns the making of a Secret off, or TLS on, brings their own: of these, only some findings count."""
JUDGES = (
    # What is elsewhere, no switch brings.
    *(judge for judge in OF_NAMES if judge not in (*SOURCES, host_names_lead_to_services)),
    images_have_a_valid_name,
    every_mount_has_its_volume,
    named_probe_ports_are_declared,
    target_ports_are_open,
    services_find_only_pods_that_listen,
    services_leave_jobs_out,
    services_of_several_pods_are_headless,
    documents_are_sound_objects,
    keys_are_there_once,
    identities_are_unique,
    all_objects_name_the_namespace_or_none,
    manifests_fit_their_schema,
    fields_of_pods_go_together,
    fields_of_workloads_go_together,
    fields_of_networks_go_together,
    fields_of_claims_and_roles_go_together,
    fixed_choices_are_spelt_right,
    parts_share_no_name,
    requests_stay_within_limits,
    list_items_have_their_own_key,
    fields_have_their_effect,
    amounts_have_their_unit,
    roles_name_what_there_is,
    rights_are_for_the_accounts_of_pods,
    hooks_find_what_they_need,
    hooks_have_their_rights,
    hooks_call_what_is_running,
    hooks_can_be_made_again,
    nothing_immutable_carries_a_version,
    claims_are_mounted,
    claims_of_one_node_have_one_pod,
    variables_are_there_when_they_are_asked_for,
    named_files_are_mounted,
    named_paths_are_those_of_mounts,
    configuration_files_parse,
    files_that_are_named_are_mounted,
    files_that_are_run_are_executable,
    scripts_write_where_they_may,
    integers_keep_their_digits,
    formatted_values_fit_their_verb,
    lists_and_maps_are_not_printed_by_go,
    secrets_are_encoded_once,
    values_are_quoted_once,
    network_policies_admit_their_services,
    network_policies_admit_their_callers,
    called_hosts_of_the_release_are_services,
    called_ports_are_of_their_service,
    service_ports_lead_to_their_namesakes,
    served_hosts_have_a_certificate,
    fields_of_monitors_hold_what_belongs_there,
    budgets_cover_one_workload,
    autoscaled_workloads_set_no_replicas,
    selectors_carry_no_version,
    budgets_leave_room_for_a_drain,
    parts_have_valid_names,
    secrets_hold_what_their_type_demands,
    metadata_is_accepted,
    sub_paths_are_keys,
    webhooks_leave_their_own_pods_alone,
    defined_resources_are_named_by_their_plural,
    programs_listen_where_they_are_asked,
    short_host_names_are_of_the_namespace,
    namespaces_are_selected_by_labels_that_they_have,
    certificates_are_for_hosts_that_are_served,
    paths_have_one_slash_at_a_time,
    checksums_are_of_different_files,
    spreading_counts_its_own_pods,
    flags_and_values_are_words,
    flags_have_no_quotes_around_their_values,
    scripts_read_variables_by_their_names,
    scripts_have_no_errors,
    failing_commands_fail_their_job,
    words_after_a_script_are_read,
    hook_annotations_are_known,
    templates_in_values_are_rendered,
)
TOGETHER = (
    network_policies_admit_their_services,
    monitors_find_their_ports,
    routes_lead_to_services,
    scale_targets_are_there,
    autoscaled_workloads_set_no_replicas,
    budgets_cover_one_workload,
    every_mount_has_its_volume,
    list_items_have_their_own_key,
    keys_are_there_once,
)
"""What is of two parts that are off by default: either-or parts on together say nothing of the others."""


def is_of_switch(judge: Policy, check: Check, scenario: Scenario) -> bool:
    """Tell whether a finding is the fault of the chart, not of who turns the switch and leaves the rest as it is."""
    return judge not in _OF_WHO_TURNS or not _OF_WHO_TURNS[judge](check, scenario)


def is_of_existing(scenario: Scenario) -> bool:
    """Tell whether the word is another one that means what users have already: `type: existingClaim`."""
    _, value = turned_last(scenario)
    return isinstance(value, str) and "existing" in value.lower()


def _is_switch_of(*words: str) -> Callable[[Check, Scenario], bool]:
    return lambda _, scenario: any(word in turned_last(scenario)[0].lower() for word in words)


def _has_a_part_of_a_file(_: Check, scenario: Scenario) -> bool:
    return any(
        value is True and address not in scenario.changes and lookup(chart_of(scenario).defaults, address) is False
        for address, value in leaves(scenario.overrides)
    )


_BLANK = re.compile(r"<[^<>]++>")
_PROTECTING = ("NetworkPolicy ", "PodDisruptionBudget ")


def _is_left_to_the_user(check: Check, scenario: Scenario) -> bool:
    """Tell whether a field is empty, or has a text for a number, as a value beside the switch is empty, or `<yours>`.

    Such a value may be below the switch's own section as well; the switch is turned on.
    """
    key, value = turned_last(scenario)
    *above, _ = steps(key) or [key]
    beside = lookup(chart_of(scenario).defaults, join(*above)) if above else {}
    given = [found for _, found in leaves(beside)] if value is True and isinstance(beside, Mapping) else []
    is_empty, is_text = str(check.actual).startswith(("null, ", "'' ")), str(check.actual).startswith("string, ")
    blanks = (found for found in given if isinstance(found, str) and _BLANK.fullmatch(found))
    is_given = is_of_existing(scenario) or any(found in ("", None) for found in given)
    return (is_empty and is_given) or (is_text and any(blanks))


_OF_WHO_TURNS: Mapping[Policy, Callable[[Check, Scenario], bool]] = {
    # Whoever overrides the namespace is told by another policy.
    all_objects_name_the_namespace_or_none: lambda _, scenario: any(
        ".Values.namespaceOverride" in text for text in chart_of(scenario).templates.values()
    ),
    # Without its rights, a program makes no pods; and what protects pods that are off does no harm.
    pod_selectors_find_pods: lambda check, scenario: (
        _is_switch_of("rbac")(check, scenario)
        or (turned_last(scenario)[1] is False and check.subject.startswith(_PROTECTING))
    ),
    # What is to be given beside the switch, and is not, the API server asks for in words.
    manifests_fit_their_schema: _is_left_to_the_user,
    # A name that a part has not got is one that users give; so is what its volume shows, and what JSON is made of.
    documents_are_sound_objects: lambda check, _: check.path.startswith("metadata") or check.severity == "warning",
    fields_of_pods_go_together: lambda check, _: WITHOUT_CONTENT in str(check.actual),
    secrets_hold_what_their_type_demands: lambda check, _: check.actual == "something else",
    # Another type of a Service is for those who let others in.
    network_policies_admit_their_services: lambda check, _: "and not by Service " in str(check.actual),
    # The number of pods over a claim, or under a budget, is the user's.
    claims_of_one_node_have_one_pod: _is_switch_of("replica", "autoscal", "hpa", "keda"),
    budgets_leave_room_for_a_drain: _is_switch_of("pdb", "disruption", "budget"),
    # What is there twice beside a part that a file of ci/ turns on is of two that are meant one instead of the other.
    list_items_have_their_own_key: _has_a_part_of_a_file,
    keys_are_there_once: _has_a_part_of_a_file,
}
