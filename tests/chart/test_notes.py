"""What helm tells the person who has just installed the chart."""

from __future__ import annotations

import pytest

from chartgate.charts.chart_values.secret_values import value_texts
from chartgate.documents.secret_texts.masking import Masker
from chartgate.gate.gate import Gate
from chartgate.matrix.matrix import Matrix
from chartgate.model import Chart
from tests.chart.helm_commands import notes

FIRST_PLUGIN = "red-hat-developer-hub-backstage-plugin-lightspeed"

# Scenario, what its notes say, what they do not say.
NOTES = [
    (
        "off",
        [
            "lightspeed.enabled               off",
            "sidecars.enabled                 off",
            "plugins of Lightspeed            0 of 7 enabled",
            "Lightspeed is off: nothing of it was created",
            'oc get secrets -n backstage | grep -E "lightspeed|llama-stack|mcp-token"\n',
            "To enable it, set lightspeed.enabled=true",
            "upstream.postgresql.auth.password is the example from values.yaml",
            "Sidecars that were injected before stay in the Backstage pod",
            "oc patch deployment/backstage-backend -n backstage",
        ],
        ["has no effect", "lightspeed.mcpToken is the example", "is enabled while"],
    ),
    (
        "postgres+catalog+reader+sidecars",
        [
            "lightspeed.postgres.enabled      off",
            "lightspeed.postgres.enabled has no effect while lightspeed.enabled is false",
            "modelCatalog.enabled has no effect while lightspeed.enabled is false",
            "kubernetes.clusterReaderEnabled has no effect while lightspeed.enabled is false",
            "sidecars.enabled has no effect while lightspeed.enabled is false",
        ],
        ["job/update-deployment-containers"],
    ),
    (
        "off_mix_01",
        [
            f"the plugin {FIRST_PLUGIN} is enabled while lightspeed.enabled is false",
            f"the plugin {FIRST_PLUGIN}-backend is enabled while lightspeed.enabled is false",
            "plugins of Lightspeed            7 of 7 enabled",
        ],
        [],
    ),
    (
        "all_on",
        [
            "lightspeed.enabled               on",
            "sidecars.enabled                 on",
            "lightspeed.mcpToken is the example from values.yaml",
            "lightspeed.postgres.password is the example from values.yaml",
            "lightspeed.vllmUrl is the example from values.yaml",
            "oc logs -n backstage job/update-deployment-containers",
            "the Backstage pod does not mount the token of its account",
            "lets the job that injects the sidecars read the cluster, too: it runs as default",
        ],
        ["has no effect", "Sidecars that were injected before stay", "enables vllm only"],
    ),
    ("lightspeed+postgres", ["the sidecars are not: set sidecars.enabled=true", "Sidecars that were injected"], []),
    (
        "mix_04",
        ["lightspeed.validationProvider is ollama, but llama-stack 0.1.0 enables vllm only"],
        ["lightspeed.mcpToken is the example"],
    ),
    ("np_hub", ["lightspeed.enabled               on"], ["lightspeed.mcpToken is the example", "enables vllm only"]),
    (
        "mix_05",
        ["lightspeed.validationProvider is openai, but llama-stack 0.1.0 enables vllm only"],
        # A command of another namespace would look at somebody else's pods.
        ["read the cluster, too", "-n backstage"],
    ),
]


@pytest.mark.parametrize(("name", "said", "unsaid"), NOTES, ids=[row[0] for row in NOTES])
def test_notes(name: str, said: list[str], unsaid: list[str], chart: Chart, matrix: Matrix, gate: Gate) -> None:
    text = notes(chart, matrix.scenarios[name], gate.renderings.tools)
    assert [words for words in said if words not in text] == [], text
    assert [words for words in unsaid if words in text] == [], text


def test_notes_show_no_secret(chart: Chart, matrix: Matrix, gate: Gate) -> None:
    for name in ("all_on", "mix_02", "off_mix_02"):
        scenario = matrix.scenarios[name]
        text = notes(chart, scenario, gate.renderings.tools)
        assert Masker(value_texts([(chart, scenario.values)]).secrets).text(text) == text
