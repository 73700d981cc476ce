"""Edits of the YAML that a text holds: their addresses go on into it, as those of findings do."""

from __future__ import annotations

from typing import Any

import pytest

from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.model import Chart
from chartgate.policy.edits import Edit, append, gone, put, reworded
from tests.engine.toys import rendering_of

CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data:
  app.yaml: "server: {port: 80}\\nusers: [{name: ann}, {name: bob}]\\n"
  note: plain text
"""


@pytest.mark.parametrize(
    ("edit", "content"),
    [
        (
            put("ConfigMap web", "data[app.yaml].server.port", 81),
            {"server": {"port": 81}, "users": [{"name": "ann"}, {"name": "bob"}]},
        ),
        (gone("ConfigMap web", "data[app.yaml].server"), {"users": [{"name": "ann"}, {"name": "bob"}]}),
        (gone("ConfigMap web", "data[app.yaml].users[bob]"), {"server": {"port": 80}, "users": [{"name": "ann"}]}),
        (
            append("ConfigMap web", "data[app.yaml].server.hosts", "example.com"),
            {"server": {"port": 80, "hosts": ["example.com"]}, "users": [{"name": "ann"}, {"name": "bob"}]},
        ),
        (
            reworded("ConfigMap web", "data[app.yaml].users[ann].name", "nn", "nna"),
            {"server": {"port": 80}, "users": [{"name": "anna"}, {"name": "bob"}]},
        ),
    ],
)
def test_the_document_in_a_text_is_changed(toy: Chart, edit: Edit, content: Any) -> None:
    [config] = edit.apply(rendering_of(toy, CONFIG)).after_hooks
    assert go_yaml.load(config.at("data[app.yaml]"), "") == content


@pytest.mark.parametrize(
    "address", ["data.note.server", "data[app.yaml].server.port.number", "data[app.yaml].users[eve]"]
)
def test_what_is_not_in_the_document_cannot_be_changed(toy: Chart, address: str) -> None:
    with pytest.raises(InputError, match="there is nothing at"):
        put("ConfigMap web", address, 1).apply(rendering_of(toy, CONFIG))
