"""Results that are remembered: as many as a piece of work needs, the latest used ones."""

from __future__ import annotations

import pytest

from chartgate.documents import recent_results
from chartgate.documents.recent_results import RecentOfTexts, RecentResults
from chartgate.rendering import manifests, read_documents


def test_what_is_asked_for_again_is_made_once() -> None:
    results = RecentResults(lambda *given: list(given), 2)
    first = results("a", 1)
    assert first == ["a", 1]
    assert results("b", 1) is not first
    assert results("a", 1) is first
    results("c", 1)  # in the place of b, which was not asked for again
    assert results("a", 1) is first


def test_a_round_of_more_than_there_is_room_for_forgets_all_but_with_room_made_nothing() -> None:
    made: list[int] = []
    results = RecentResults(made.append, 2)
    for number in (1, 2, 3, 1, 2, 3):
        results(number)
    assert made == [1, 2, 3, 1, 2, 3]
    results.make_room(3)
    results.make_room(1)  # what was promised before is kept
    made.clear()
    for number in (1, 2, 3, 1, 2, 3):
        results(number)
    assert made == [1]


@pytest.mark.parametrize("size", [0, 12_000], ids=["small", "large"])
def test_a_rendering_of_any_size_is_remembered(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(manifests, "_resource", RecentResults(manifests._resource_of, 1))
    monkeypatch.setattr(recent_results, "LEAST", 1)
    monkeypatch.setattr(recent_results, "_LEAST_LARGE", 1)
    monkeypatch.setattr(manifests, "documents_of", RecentOfTexts(read_documents._read))
    monkeypatch.setattr(manifests, "_piece", RecentOfTexts(manifests._read_piece))
    text = "".join(
        f"---\n# Source: a/templates/{n}.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m{n}}}\n"
        f"data: {{text: {'x' * size}y}}\n"
        for n in range(5)
    )
    once, _ = manifests.read_output(text, "shop")
    other, _ = manifests.read_output(text.replace("name: m", "name: other"), "shop")
    again, _ = manifests.read_output(text, "shop")
    assert [resource.name for resource in other] == [f"other{n}" for n in range(5)]
    assert list(map(id, again)) == list(map(id, once))
