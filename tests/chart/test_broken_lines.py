"""A finding names the line that is broken, for a few breaks of each kind; bench/broken_lines.py counts all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chart.broken_lines import ROOT, broken_copy, broken_line, first_finding, kind_of
from tests.chart.test_source_breaks import FOLDER, read_break

KINDS = {
    "namespaces_are_there/the_claim_lands_in_another_namespace": "exact",
    "sidecar_job_is_a_postsync_hook/both_jobs_run_in_the_same_wave": "call",
    "disabled_zero_resources/one_template_loses_the_master_switch": "block",
    "host_names_lead_to_services/the_database_is_called_in_the_releases_namespace": "exact",
    "configuration_files_parse/shifted_line": "exact",
    "secrets_in_both_namespaces/the_secret_is_left_out_of_the_releases_namespace": "block",
    "postgres_resources/the_databases_service_has_another_name": "first",
    "identities_are_unique/two_secrets_of_one_name": "end",
    "cluster_reader_binding/two_releases_share_the_binding": "changed",
    "every_object_names_its_namespace/a_secret_leaves_it_open_to_the_deployer": "around",
    "secrets_hold_what_their_type_demands/the_token_is_of_another_type": "end",
    "secret_data_is_encoded/the_token_is_plain": "block",
    "credentials_stand_in_secrets_only/the_token_stands_in_the_app_config": "exact",
    "mcp_token_agrees/the_entry_of_the_mcp_clients_replaces_the_others": "exact",
    "seven_containers/feedback_harvester_is_left_out_while_the_database_is_off": "exact",
}


@pytest.mark.parametrize("name", KINDS, ids=range(len(KINDS)))  # no policy's name in an item of another kind
def test_the_line_that_is_broken(name: str, tmp_path: Path) -> None:
    broken = read_break(FOLDER / f"{name}.patch")
    chart = broken_copy(broken, tmp_path)
    line = broken_line(ROOT / "chart", chart)
    assert line is not None
    is_sure = KINDS[name] != "changed"
    assert kind_of(first_finding(broken, chart, tmp_path), line, chart, with_commit=not is_sure) == KINDS[name]
