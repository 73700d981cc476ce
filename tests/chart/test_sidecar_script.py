"""The script of the sidecar Job in a real bash, against a stand-in for `oc` with the permissions of the Job's Role."""

from __future__ import annotations

import copy
import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chartgate.gate.gate import Gate
from chartgate.kubernetes.permissions import Permission, bindings_of, granted_by
from chartgate.kubernetes.pods.workloads import container
from chartgate.model import Rendering
from policies.lightspeed.sidecar_job import sidecar_job
from policies.lightspeed.spec.backstage import BACKSTAGE, SIDECARS, after_hooks
from tests.chart.sandbox import Sandbox, lay_out

STAND_IN = Path(__file__).parent / "stand_in_oc.py"
SEVEN = [BACKSTAGE, *SIDECARS]


@dataclasses.dataclass
class Cluster:
    """What the Job finds: the Deployments of its namespace, and what it may do with them."""

    job: Sandbox
    programs: Path
    state_file: Path
    kubectl: Path
    deployments: list[Any]
    permissions: list[Permission]
    namespace: str
    fails: str = ""

    def start_job(self) -> subprocess.CompletedProcess[str]:
        """Run the Job's script; what it did to the Deployments is in `deployments` afterwards."""
        names = ("deployments", "namespace", "fails")
        state: dict[str, Any] = {name: getattr(self, name) for name in names}
        state |= {"permissions": [dataclasses.astuple(p) for p in self.permissions], "calls": []}
        self.state_file.write_text(json.dumps(state))
        stand_in = {"STAND_IN_STATE": str(self.state_file), "STAND_IN_KUBECTL": str(self.kubectl)}
        done = self.job.run(self.programs, stand_in)
        self.deployments = json.loads(self.state_file.read_text())["deployments"]
        return done

    @property
    def calls(self) -> list[list[str]]:
        """The commands of the last run."""
        calls: list[list[str]] = json.loads(self.state_file.read_text())["calls"]
        return calls


@pytest.fixture
def cluster(rendering: Rendering, gate: Gate, tmp_path: Path) -> Cluster:
    job = sidecar_job(rendering)
    resources, namespace = rendering.resources, rendering.scenario.namespace
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "oc").write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STAND_IN}" "$@"\n')
    (programs / "oc").chmod(0o755)
    bindings = bindings_of(resources, job.at("spec.template.spec.serviceAccountName"), namespace)
    roles = [
        resources.one("Role", binding.at("roleRef.name"), namespace)
        for binding in bindings.of_kind("RoleBinding")
        if (binding.namespace, binding.at("roleRef.kind")) == (namespace, "Role")
    ]
    return Cluster(
        job=lay_out(container(job, "update"), resources, tmp_path / "job"),
        programs=programs,
        state_file=tmp_path / "state.json",
        kubectl=gate.renderings.tools.kubectl,
        deployments=[d.manifest for d in resources.of_kind("Deployment") if d.namespace == namespace],
        permissions=[permission for role in roles for permission in granted_by(role)],
        namespace=namespace,
    )


@pytest.mark.scenarios("all_on", "lightspeed+sidecars", "placeholders", "mix_02")
def test_job_injects_the_sidecars_once(cluster: Cluster, rendering: Rendering) -> None:
    first = cluster.start_job()
    assert first.returncode == 0, first.stderr
    assert _containers(cluster) == SEVEN
    assert _backstage(cluster) == after_hooks(rendering).manifest
    once = copy.deepcopy(cluster.deployments)

    second = cluster.start_job()
    assert second.returncode == 0, second.stderr
    assert f"{BACKSTAGE} patched (no change)" in second.stdout
    assert cluster.deployments == once


@pytest.mark.scenarios("all_on")
def test_job_waits_for_the_rollout(cluster: Cluster) -> None:
    done = cluster.start_job()
    assert [call[:2] for call in cluster.calls] == [
        ["get", "deployments"],
        ["patch", f"deployment.apps/{BACKSTAGE}"],
        ["rollout", "status"],
    ]
    assert "--timeout=30m" in cluster.calls[-1]
    assert done.stdout.endswith("successfully rolled out\n")


@pytest.mark.scenarios("all_on")
@pytest.mark.parametrize("count", [0, 2])
def test_job_fails_unless_one_deployment_matches(cluster: Cluster, count: int) -> None:
    backstage = _backstage(cluster)
    second = copy.deepcopy(backstage)
    second["metadata"]["name"] = "another"
    cluster.deployments = [d for d in cluster.deployments if d != backstage] + [backstage, second][:count]
    before = copy.deepcopy(cluster.deployments)
    done = cluster.start_job()
    assert done.returncode == 1
    assert f"found {count}:" in done.stderr
    assert cluster.deployments == before


@pytest.mark.scenarios("all_on")
@pytest.mark.parametrize("command", ["get", "patch", "rollout status"])
def test_job_fails_where_oc_does(cluster: Cluster, command: str) -> None:
    cluster.fails = command
    done = cluster.start_job()
    assert done.returncode == 1
    assert f"{command} fails" in done.stderr
    assert _verb(cluster.calls[-1]) == command, "it went on after the failure"


@pytest.mark.scenarios("all_on")
def test_job_fails_where_the_patch_is_refused(cluster: Cluster) -> None:
    cluster.job.file("/opt/update/patch.yaml").write_text("spec: {template: {spec: {containers: [{image: nameless}]}}}")
    done = cluster.start_job()
    assert done.returncode == 1
    assert "does not contain declared merge key: name" in done.stderr
    assert _containers(cluster) == [BACKSTAGE]


@pytest.mark.scenarios("all_on")
@pytest.mark.parametrize(
    ("verb", "refused"),
    [("list", "get"), ("get", "patch"), ("patch", "patch"), ("watch", "rollout status")],
)
def test_job_needs_each_verb_of_its_role(cluster: Cluster, verb: str, refused: str) -> None:
    kept = [p for p in cluster.permissions if (p.verb, p.resource) != (verb, "deployments")]
    assert kept != cluster.permissions
    cluster.permissions = kept
    done = cluster.start_job()
    assert done.returncode == 1
    assert f"(Forbidden): cannot {verb} " in done.stderr
    assert _verb(cluster.calls[-1]) == refused


@pytest.mark.scenarios("all_on")
def test_job_may_patch_no_other_deployment(cluster: Cluster) -> None:
    other = copy.deepcopy(_backstage(cluster))
    other["metadata"]["name"] = "another"
    cluster.deployments = [other]
    done = cluster.start_job()
    assert done.returncode == 1
    assert "(Forbidden): cannot get " in done.stderr
    assert cluster.deployments == [other]


@pytest.mark.scenarios("all_on")
@pytest.mark.parametrize("variable", ["NAMESPACE", "TARGET_SELECTOR", "PATCH_FILE", "ROLLOUT_TIMEOUT"])
def test_job_fails_without_a_variable(cluster: Cluster, variable: str) -> None:
    del cluster.job.environment[variable]
    done = cluster.start_job()
    assert done.returncode != 0
    assert variable in done.stderr
    assert cluster.calls == []


def _backstage(cluster: Cluster) -> Any:
    return next(d for d in cluster.deployments if d["metadata"]["name"] == BACKSTAGE)


def _containers(cluster: Cluster) -> list[str]:
    return [c["name"] for c in _backstage(cluster)["spec"]["template"]["spec"]["containers"]]


def _verb(call: list[str]) -> str:
    return " ".join(call[:2]) if call[0] == "rollout" else call[0]
