"""Lists that Go prints, and folders that are nearly those of mounts; and what only looks so."""

from __future__ import annotations

from typing import Any

import pytest

from chartgate.packs.kubernetes.options import printed_values
from chartgate.packs.kubernetes.pods_and_storage import mounts
from chartgate.policy.edits import of_scenario, put
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import findings_of

_VALUES = {"queues": ["parcels", "notices"], "labels": {"tier": "front", "app": "web"}, "one": ["parcels"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[parcels notices]", "what queues is, as one text"),
        ("labels: map[app:web tier:front]", "a map with app, as one text"),
        ("[parcels]", ""),
        ('["parcels","notices"]', ""),
        ("[parcels, notices]", ""),
        ("[notices parcels]", ""),
        ("var labels map[string]string // map[other:web]", ""),
        ("bitmap[app:web]", ""),
        ("sections: [parcels  notices]", ""),
    ],
)
def test_what_go_prints(text: str, said: str) -> None:
    policy, prints = printed_values.lists_and_maps_are_not_printed_by_go, put("ConfigMap web", "data[web.conf]", text)
    found = findings_of(policy, printed_values.HEALTHY, prints, of_scenario(values=_VALUES))
    assert [str(check.actual) for check in found] == ([said] if said else [])


@pytest.mark.parametrize(
    ("address", "value", "said"),
    [
        ("args", ["--data=/var/lib/stores"], ["/var/lib/stores"]),
        ("args", ["--data", "/var/lib/stroe/db"], ["/var/lib/stroe/db"]),
        ("env", [{"name": "DATA", "value": "/var/lib/storre"}], ["/var/lib/storre"]),
        # The claim's own folder is named as well; another folder; a short name; one below the claim; no path.
        ("args", ["--data=/var/lib/store", "--old=/var/lib/stores"], []),
        ("args", ["--data=/var/lib/shop"], []),
        ("args", ["--data=/usr/lib/stores"], []),
        ("args", ["--data=/var/logs/a"], []),
        ("args", ["--data=/var/lib/store/stores"], []),
        ("args", ["--url=http://a/var/lib/stores"], []),
    ],
)
def test_folders_beside_claims(address: str, value: Any, said: list[str]) -> None:
    rendering = put("StatefulSet web", f"{mounts.WEB}.{address}", value).apply(literal_rendering(mounts.HEALTHY))
    checks = checks_of(mounts.named_paths_are_those_of_mounts, [rendering])
    assert [str(check.actual) for check in checks if not check.passed] == said


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["sh", "-c", "load /data/seed"], ["/data/seed"]),
        (["sh", "-c", "cp -r /data/seed /opt"], []),
        (["/data/seed", "/opt"], []),
    ],
)
def test_a_folder_that_is_copied_to_where_the_volume_is(args: list[str], said: list[str]) -> None:
    first = f"{mounts.POD}.initContainers[prepare]"
    elsewhere = put("StatefulSet web", f"{first}.volumeMounts[data].mountPath", "/opt/seed")
    rendering = elsewhere.apply(literal_rendering(mounts.HEALTHY))
    rendering = put("StatefulSet web", f"{first}.args", args).apply(rendering)
    checks = checks_of(mounts.named_paths_are_those_of_mounts, [rendering])
    assert [str(check.actual) for check in checks if not check.passed] == said
