"""Names of images: what a container runtime takes, and what it refuses."""

from __future__ import annotations

import pytest

from chartgate.kubernetes.pods.image_references import problem_of

SHA = f"sha256:{'0123456789abcdef' * 4}"


@pytest.mark.parametrize(
    "image",
    [
        "web",
        "shop/web:1.4.2-alpine_3",
        "localhost/web:latest",
        "registry.example.com:5000/a.b/c__d/e--f:v1",
        "[::1]:5000/web:1",
        # Whatever has capital letters in front of the first slash is a registry.
        "REGISTRY/web:1",
        f"example.com/web@{SHA}",
        f"example.com/web:1.4.2@{SHA}",
        f"example.com/web@sha512:{'0' * 128}",
    ],
)
def test_a_name(image: str) -> None:
    assert problem_of(image) == ""


@pytest.mark.parametrize(
    ("image", "problem"),
    [
        ("", "nothing"),
        ("example.com/web:", "nothing behind the colon, as its tag"),
        (":1.4.2", "an empty part of its name"),
        ("/web:1.4.2", "an empty part of its name"),
        ("example.com//web:1.4.2", "an empty part of its name"),
        ("example.com/:1.4.2", "an empty part of its name"),
        ("example.com/shop/Web:1", "'Web' as a part of its name"),
        ("web server:1", "'web server' as a part of its name"),
        (" web:1", "' web' as a part of its name"),
        ("web:1 ", "'1 ' as its tag"),
        ("web:1:2", "'1:2' as its tag"),
        ("web:1.4.2+build", "'1.4.2+build' as its tag"),
        ("web:<nil>", "'<nil>' as its tag"),
        ("registry.example.com:port/web:1", "'registry.example.com:port' as its registry"),
        ("example.com/web@", "'' as its digest"),
        (f"example.com/web@{SHA[:-1]}", f"{SHA[:-1]!r} as its digest"),
        (f"example.com/web:{SHA}", f"{SHA!r} as its tag"),
    ],
)
def test_no_name(image: str, problem: str) -> None:
    assert problem_of(image) == problem
