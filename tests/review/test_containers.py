"""What a review says of an image: another program, another version, or only other words.

Source: https://kubernetes.io/docs/concepts/containers/images/#image-names
"""

from __future__ import annotations

import pytest

from chartgate.model import Resource, Resources
from chartgate.review.pairing import pairs
from chartgate.review.risks.run_images import image

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def _pod(reference: str) -> Resources:
    spec = {"containers": [{"name": "a", "image": reference}]}
    manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec}
    return Resources([Resource(manifest, "toy/templates/a.yaml", "shop")])


def _reasons(before: str, after: str) -> list[str]:
    return [hit.reason for pair in pairs(_pod(before), _pod(after)) for hit in image(pair)]


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("a:1", "a:2", "from 1 to 2"),
        ("a:2", "a:1", "a downgrade: from 2 to 1"),
        ("a:1.10.0", "a:1.9.0", "a downgrade: from 1.10.0 to 1.9.0"),
        ("a:v1.10", "a:v1.9", "a downgrade: from v1.10 to v1.9"),
        ("a:1.2.0", "a:1.2.0-rc.1", "a downgrade: from 1.2.0 to 1.2.0-rc.1"),
        ("a:2.11.1-binary-alpine", "a:2.11.1-alpine", "from 2.11.1-binary-alpine to 2.11.1-alpine"),
        ("a:2.12.0-alpine", "a:2.11.1-alpine", "a downgrade: from 2.12.0-alpine to 2.11.1-alpine"),
        ("a:1.2.0-beta2", "a:1.2.0-alpha3", "a downgrade: from 1.2.0-beta2 to 1.2.0-alpha3"),
        ("a:v20231226-1a7112e06", "a:v1.4.1", "from v20231226-1a7112e06 to v1.4.1"),
        ("a:1.9.0", "a:1.10.0", "from 1.9.0 to 1.10.0"),
        ("a:stable", "a:testing", "from stable to testing"),
        ("a", "a:1", "from latest to 1"),
        ("a:1", "a", "from 1 to latest"),
        ("a:1", "b:1", "from a to b: another image"),
        ("host:5000/a:1", "host:5001/a:1", "from host:5000/a to host:5001/a: another image"),
        (f"a:1@{A}", f"a:1@{B}", "another content under the tag 1"),
        (f"a@{A}", f"a@{B}", "another content of the same image"),
        (f"a:1@{A}", "a:1", "a digest no longer says what 1 is"),
        (f"a:1@{A}", f"a:2@{B}", "from 1 to 2"),
        ("a:{{ .Values.tag }}", "a:%", "from {{ .Values.tag }} to %"),
    ],
)
def test_another_image(before: str, after: str, reason: str) -> None:
    assert _reasons(before, after) == [reason]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:1", "a:1"),
        ("a", "a:latest"),
        ("a:1", "docker.io/library/a:1"),
        ("index.docker.io/b/a:1", "b/a:1"),
        ("a:1", f"a:1@{A}"),
    ],
)
def test_the_same_image(before: str, after: str) -> None:
    assert _reasons(before, after) == []
