"""What a container finds at a path."""

from __future__ import annotations

import pytest

from chartgate.kubernetes.pods.volume_mounts import config_file, config_key, is_writable, mount_at, mounts, volumes
from chartgate.kubernetes.pods.workloads import container
from tests.engine.toys import resource

DB = resource("""
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  volumeClaimTemplates: [{metadata: {name: claimed}}]
  template:
    spec:
      containers:
        - name: main
          volumeMounts:
            - {name: config, mountPath: /etc/app}
            - {name: config, mountPath: /etc/app/inner.conf, subPath: other.conf}
            - {name: items, mountPath: /items, readOnly: true}
            - {name: scratch, mountPath: /scratch}
            - {name: scratch, mountPath: /frozen, readOnly: true}
            - {name: claimed, mountPath: /data}
            - {name: secret, mountPath: /etc/secret}
            - {name: undeclared, mountPath: /nowhere}
            - text
      volumes:
        - {name: config, configMap: {name: c}}
        - {name: items, configMap: {name: c, items: [{key: app.conf, path: deep/renamed.conf}]}}
        - {name: scratch, emptyDir: {}}
        - {name: secret, secret: {secretName: s}}
""")
MAIN = container(DB, "main")


@pytest.mark.parametrize(
    ("path", "volume", "key", "writable"),
    [
        ("/etc/app/app.conf", "config", ("c", "app.conf"), False),
        ("/etc/app/deep/app.conf", "config", ("c", "deep/app.conf"), False),
        ("/etc/app/inner.conf", "config", ("c", "other.conf"), False),
        ("/etc/app", "config", ("c", "."), False),
        ("/etc/application", None, ("", ""), False),
        ("/items/deep/renamed.conf", "items", ("c", "app.conf"), False),
        ("/items/app.conf", "items", ("", ""), False),
        ("/scratch/a/b", "scratch", ("", ""), True),
        ("/frozen/a", "scratch", ("", ""), False),
        ("/data/pg", "claimed", ("", ""), True),
        ("/etc/secret/a", "secret", ("", ""), False),
        ("/nowhere/a", "undeclared", ("", ""), False),
        ("/", None, ("", ""), False),
    ],
)
def test_what_is_at_a_path(path: str, volume: str | None, key: tuple[str, str], writable: bool) -> None:
    mount = mount_at(MAIN, path)
    assert (mount.volume if mount else None) == volume
    assert config_key(MAIN, path) == key
    assert config_file(MAIN, path) == (f"{key[1]} of {key[0]}" if key[1] else "")
    assert is_writable(MAIN, path) is writable


def test_mounts_and_volumes() -> None:
    assert [mount.path for mount in mounts(MAIN)][:2] == ["/etc/app", "/etc/app/inner.conf"]
    assert [str(mount) for mount in mounts(MAIN)][:2] == ["volume config", "other.conf of volume config"]
    assert sorted(volumes(DB)) == ["claimed", "config", "items", "scratch", "secret"]
