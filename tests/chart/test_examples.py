"""The GitOps side in examples/: what the secret holds, the infrastructure file takes, for the version of this chart."""

from __future__ import annotations

import json
import re
from pathlib import Path

from chartgate.documents.addresses import lookup
from chartgate.documents.yaml_texts import go_yaml
from chartgate.model import Chart
from policies.lightspeed.disabled import SWITCHES

EXAMPLES = Path(__file__).parents[2] / "examples" / "np-hub"
INFRASTRUCTURE = (EXAMPLES / "infrastructure.yaml").read_text()
SECRET = json.loads((EXAMPLES / "secret-4.json").read_text())

# Which value takes which key of the secret.
TAKEN = {
    "lightspeed.vllmUrl": "vllmUrl",
    "lightspeed.vllmApiKey": "vllmApiKey",
    "lightspeed.validationProvider": "validationProvider",
    "lightspeed.validationModelName": "validationModelName",
    "lightspeed.mcpToken": "mcpToken",
    "lightspeed.postgres.user": "lightspeedPostgresUser",
    "lightspeed.postgres.password": "lightspeedPostgresPassword",
    "lightspeed.postgres.dbName": "lightspeedPostgresDb",
}


def test_the_secret_has_exactly_the_documented_keys() -> None:
    assert sorted(SECRET) == sorted(TAKEN.values())
    assert all(isinstance(value, str) for value in SECRET.values())


def test_the_example_of_the_secret_is_none_to_use() -> None:
    assert (SECRET["vllmApiKey"], SECRET["validationProvider"]) == ("", "vllm")
    assert SECRET["mcpToken"] == SECRET["lightspeedPostgresPassword"] == "generate-with-openssl-rand-base64-32"


def test_the_infrastructure_takes_each_key_from_the_clusters_secret() -> None:
    (application,) = go_yaml.load(INFRASTRUCTURE, "infrastructure.yaml")
    for value, key in TAKEN.items():
        assert lookup(application["values"], value) == f"<path:np-hub-secret-4#{key}>"
    assert len(re.findall("<path:", INFRASTRUCTURE)) == len(TAKEN)


def test_the_infrastructure_enables_all_of_this_version(chart: Chart) -> None:
    (application,) = go_yaml.load(INFRASTRUCTURE, "infrastructure.yaml")
    found = (application["chart"], application["targetRevision"], application["namespace"])
    assert found == (chart.name, chart.version, "backstage")
    assert [switch for switch in SWITCHES if lookup(application["values"], switch) is not True] == []
