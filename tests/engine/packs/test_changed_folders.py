"""What names a path that the values have, and is right to stay where it is."""

from __future__ import annotations

import pytest

from chartgate.packs.kubernetes.pods_and_storage.changed_folders import (
    HEALTHY,
    changed_folders_reach_all_that_name_them,
)
from chartgate.policy.edits import Edit, put
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import edited

_WEB = "spec.template.spec.containers[web]"
_MOUNT = f"{_WEB}.volumeMounts[0].mountPath"
_POD = "Deployment web"
_FILLING = "spec.template.spec.initContainers"


def _at(path: str) -> dict[str, object]:
    return {"name": "fill", "volumeMounts": [{"name": "data", "mountPath": path}]}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # A folder inside of the mount, and one of the image.
        ([], [put(_POD, f"{_WEB}.args[0]", "--data=/data/shop-x7")]),
        ([], [put(_POD, f"{_WEB}.args[1]", "--temporary=/tmp-x7")]),
        # A folder of the node has the same path in the pod and outside of it.
        (
            [put(_POD, "spec.template.spec.volumes[0]", {"name": "data", "hostPath": {"path": "/data"}})],
            [
                put(_POD, "spec.template.spec.volumes[0]", {"name": "data", "hostPath": {"path": "/data"}}),
                put(_POD, _MOUNT, "/data-x7"),
            ],
        ),
        # A path that begins alike.
        (
            [put(_POD, f"{_WEB}.args[0]", "--data=/database"), put("ConfigMap web", "data[shop.yaml]", "a: /data.d/b")],
            [
                put(_POD, _MOUNT, "/data-x7"),
                put(_POD, f"{_WEB}.args[0]", "--data=/database"),
                put("ConfigMap web", "data[shop.yaml]", "a: /data.d/b"),
            ],
        ),
        # A script of the container that fills the volume.
        (
            [put(_POD, _FILLING, [_at("/data")]), put("ConfigMap web", "data[shop.yaml]", "cd /data")],
            [put(_POD, _FILLING, [_at("/data-x7")]), put("ConfigMap web", "data[shop.yaml]", "cd /data-x7")],
        ),
    ],
)
def test_what_is_right(before: list[Edit], after: list[Edit]) -> None:
    checks = checks_of(changed_folders_reach_all_that_name_them, [edited(HEALTHY, *before), edited(HEALTHY, *after)])
    assert [(check.path, check.expected) for check in checks if not check.passed] == []
