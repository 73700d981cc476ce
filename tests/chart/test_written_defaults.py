"""Setting every key to the value that it has anyway changes nothing: the values that policies see are those of helm.

No chart can break this by itself, since helm merges before a template sees anything; what could is our own merging.
"""

from __future__ import annotations

import dataclasses

import pytest

from chartgate.matrix.matrix import Matrix
from chartgate.rendering.renderings import Renderings


@pytest.mark.parametrize("name", ["off", "all_on", "np_hub", "hub_account"])
def test_values_written_out_in_full_give_the_same_release(name: str, matrix: Matrix, renderings: Renderings) -> None:
    given = matrix.scenarios[name]
    written = dataclasses.replace(given.derived("written"), overrides=given.values)
    assert written.overrides != given.overrides
    before, after = renderings.of(given), renderings.of(written)
    assert (before.error, after.error) == ("", "")
    assert [resource.manifest for resource in after.resources] == [resource.manifest for resource in before.resources]
