"""What reads text of a chart takes a known time for a very long one; seconds of this thread's own processor time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from chartgate.charts.metadata.version_constraints import admitted
from chartgate.charts.template_texts.template_reads import paths
from chartgate.documents.addresses import steps
from chartgate.kubernetes.links.service_backends import host_names
from chartgate.kubernetes.pods.image_references import image_reference
from chartgate.kubernetes.validity.quantities import quantity
from chartgate.packs.kubernetes.install_and_upgrade.equivalence import _is_hash
from chartgate.review.risks.run_images import _IMAGE
from tests.engine.toys import resource

MEGA = 1_000_000
MINORS = tuple(f"1.{minor}" for minor in range(25, 37))
SECONDS = 2.0
REFUSED = " is not a constraint of versions"


def _hosts(text: str) -> list[str]:
    config = resource("{kind: ConfigMap, apiVersion: v1, metadata: {name: a}}")
    config.manifest["data"] = {"a": text}
    return [f"{found.namespace}/{found.name}:{found.key}" for found in host_names(config)]


def _is_constraint(text: str) -> Any:
    try:
        return admitted(text, MINORS)[:2]
    except ValueError as error:
        return str(error).rpartition("'")[2]


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (lambda text: list(paths(text)), "{{ .Values.a }}" + "{{ " * (MEGA // 3), [("a",)]),
        (lambda text: list(paths(text)), "{{ .Values.a " * (MEGA // 13), []),
        (lambda text: list(paths(text)), '{{ .Values.a }}{{ "a' * (MEGA // 20), [("a",)]),
        (lambda text: list(paths(text)), '{{ "' + r"\"" * (MEGA // 2), []),
        (lambda text: list(paths(text)), "{{ .Values.a }}{{/* " * (MEGA // 20), [("a",)]),
        (lambda text: list(paths(text)), "{{ index" + " " * MEGA + " }}", []),
        (lambda text: list(paths(text)), "{{ $a :=" + " x" * (MEGA // 2) + " - }}", []),
        (lambda text: list(paths(text))[-1:], "{{ $a := .Values.b }}" * 20_000 + "{{ $a.c }}", [("b",)]),
        (_hosts, "y" * MEGA, []),
        (_hosts, "y." * (MEGA // 2) + "web.shop.svc:80", ["shop/web:80"]),
        (_hosts, ".svca" * (MEGA // 5), []),
        (_hosts, "a.b.svc " * 10, ["b/a:"] * 10),
        (_is_constraint, ">=1.27.0 " * 11_000, REFUSED),
        (_is_constraint, "1.26 - 1.28 || " * 6_000 + "1.30", REFUSED),
        (_is_constraint, "1" * 100_000, REFUSED),
        (_is_constraint, ">=1.27 " + " ".join(f"!=1.27.{patch}" for patch in range(10_000)), REFUSED),
        (_is_constraint, "1.27" + " " * 100_000 + "and more", REFUSED),
        (lambda text: image_reference(text).is_pinned, "y" * MEGA, False),
        (lambda text: image_reference(text).is_pinned, "a@" + "y." * (MEGA // 2), False),
        (quantity, "1" * MEGA, None),
        (quantity, "1e999999999", None),
        (lambda text: len(steps(text)), "a." * (MEGA // 2) + "a", MEGA // 2 + 1),
        (lambda text: len(steps(text)), "[" + "\\\\" * (MEGA // 2) + "]", 1),
        (lambda text: _IMAGE.search(text), "containers[" * (MEGA // 11), None),
        (lambda text: _is_hash(text, text + "!"), "-----BEGIN A-----\n" * (MEGA // 18), False),
    ],
    ids=map(str, range(25)),
)
def test_it_takes_a_known_time(read: Callable[[str], Any], text: str, expected: Any) -> None:
    start = time.thread_time()
    found = read(text)
    seconds = time.thread_time() - start
    if isinstance(expected, str):
        assert found.endswith(expected[-40:])
    else:
        assert found[:1] == expected[:1] if isinstance(expected, list) and len(found) > 10 else found == expected
    assert seconds < SECONDS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://web.shop.svc:80/x", ["shop/web:80"]),
        ("web.shop.svc.cluster.local:8080, data.shop.svc", ["shop/web:8080", "shop/data:"]),
        ("a.b.svc.c.d.svc.cluster.local", ["d/c:"]),
        ("jdbc:db-(web.shop.svc)", []),
        ("web.shop.svcs web.shop.svc-x .svc shop.svc $(HOST).shop.svc", []),
        ("-web.shop.svc", ["shop/web:"]),
    ],
)
def test_hosts_are_found_as_before(text: str, expected: list[str]) -> None:
    assert _hosts(text) == expected


@pytest.mark.parametrize("text", [f"1.27.{2**64}", "1" * 21, f">={'9' * 5000}"])
def test_a_number_that_the_library_does_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="is not a constraint of versions"):
        admitted(text, MINORS)
