"""What a comment of values.yaml shows for an empty list or map is read; words with a colon are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chartgate.charts.chart_values.shown_examples import shown_examples, shown_keys
from chartgate.charts.reading.read import read_chart


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ("ports: []\n# - name: amqp\n#   port: 5672\n", {"ports": [{"name": "amqp", "port": 5672}]}),
        ("ports: []\n  # - name: amqp\n", {"ports": [{"name": "amqp"}]}),
        ("web:\n  ports: []\n  #  - name: amqp\n", {"web.ports": [{"name": "amqp"}]}),
        (
            "hosts: []\n# - shop.example.com\n# - method get java.lang.String\n",
            {"hosts": ["shop.example.com", "method get java.lang.String"]},
        ),
        ("annotations: {}\n  # example.com/owner: shop\n", {"annotations": {"example.com/owner": "shop"}}),
        # What is said of its schema is none.
        ("probe: {}\n  # @schema\n  # type: object\n  # @schema\n", {}),
        ("ports: []\n# @schema\n# items: {}\n# @schema\n# - name: amqp\n", {"ports": [{"name": "amqp"}]}),
        # With the key itself, before or behind it, whatever words are around.
        ("# As in:\n#   ports:\n#     - name: amqp\nports: []\n", {"ports": [{"name": "amqp"}]}),
        ("ports: []\n# Such as\n# ports:\n# - name: amqp\n", {"ports": [{"name": "amqp"}]}),
        ("web:\n  ports:\n  #  - name: amqp\n", {"web.ports": [{"name": "amqp"}]}),
        ("web:\n  ports:\n  # - 8080\n  # - 8081\n", {"web.ports": [8080, 8081]}),
        ("web:\n  servers:\n  #  first:\n  #    port: 80\n", {"web.servers": {"first": {"port": 80}}}),
        ("ports: []\n  # One for the queue, say:\n  # - name: amqp\n", {"ports": [{"name": "amqp"}]}),
        ("web:\n  ports:\n    {}\n\n    # http: 80\n", {"web.ports": {"http": 80}}),
        ("env: {}\n  # All of them: https://example.com\n  # LEVEL: info\n", {"env": {"LEVEL": "info"}}),
        # Texts that are left empty beside others.
        ("# login: {\n#   name: web,\n#   word: ''\n# }\nlogin: {}\n", {"login": {"name": "web", "word": "filled"}}),
        # Sentences, words of the next key, another form, an example with gaps, one that is not empty, no YAML.
        ("hosts: []\n# - One for each shop.\n# - Capitals, too\n", {}),
        ("annotations: {}\n# Note: they are for the pods\nlabels: {}\n", {}),
        ("annotations: {}\n  # Note that: they are for the pods\n", {}),
        ("ports: {}\n# - name: amqp\n", {}),
        ("ports: []\n# Those of the pods\n# - name: amqp\npods: []\n", {}),
        ("web:\n# port: 80\n", {}),
        # No end of comment lines that are no YAML.
        ("ports: []\n# - [\n" + "# - name: amqp\n" * 20_000, {}),
        ("ports: []\n# - name: <name>\n", {}),
        ("ports: []\n# - name: Equal|Exists\n", {}),
        ("ports: []\n# - name:\n", {}),
        ("boards: {}\n  # default: ''\n", {}),
        ("hooks: {}\n  # stop:\n  #   command: []\n", {}),
        ("ports:\n  - name: http\n# - name: amqp\n", {}),
        ("ports: []\n# - {name: amqp\n", {}),
        ("ports: []\n# - name: amqp\n#  port: 5672\n", {}),
        ("ports: []\n\n# - name: amqp\n", {}),
        ("", {}),
    ],
)
def test_what_is_shown(values: str, shown: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: toy\nversion: 1.0.0\n")
    (tmp_path / "values.yaml").write_text(values)
    assert shown_examples(read_chart(tmp_path, str(tmp_path))) == shown


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        # Of what templates read themselves, a URL, a list and any map.
        ("read:\n  port: 80\n  # url: https://example.com\n", {"read.url": "https://example.com"}),
        ("read:\n  port: 80\n  # tls:\n  #   hosts: [a]\n", {"read.tls": {"hosts": ["a"]}}),
        ("read:\n  port: 80\n  # tls:\n  #   - hosts: [a]\n", {"read.tls": [{"hosts": ["a"]}]}),
        ("budget:\n  # minAvailable: 1\n\n  maxUnavailable: 1\n", {"budget.minAvailable": 1}),
        ("budget:\n  maxUnavailable: 1\n  # minAvailable: 50%\n", {"budget.minAvailable": "50%"}),
        ("web:\n  mail:\n    port: 25\n  # news:\n  #   port: 119\n", {"web.news": {"port": 119}}),
        ("read:\n  port: 80\n  # tls:\n  #   a: b\n  #   c: ''\n", {"read.tls": {"a": "b", "c": "filled"}}),
        # A key that is there, words, an address, a gap, a map among others, and what is further in or out.
        ("web:\n  # port: 25\n  port: 80\n", {}),
        ("web:\n  port: 80\n  # Note: it is for pods\n  # ref: https://example.com\n  # name: <name>\n", {}),
        ("web:\n  port: 80\n  # news:\n  #   port: 119\n", {}),
        ("web:\n  port: 80\n# name: a\n    # host: b\n", {}),
        ("# name: a\nweb: {}\n", {}),
        ("web: {}\n# name: a\n\n# tls: 1\nread: 2\n", {"tls": 1}),
        # What is for an empty map, as far in as its own key.
        ("web:\n  limits: {}\n  # cpu: 1\n  # memory: 1Gi\n  requests: {cpu: 1}\n", {}),
        ("web:\n  limits: {}\n\n  # port: 80\n  requests: {cpu: 1}\n", {"web.port": 80}),
        ("web:\n  # @schema\n  # type: object\n  # @schema\n  name: a\n  # port: 80\n", {"web.port": 80}),
    ],
)
def test_what_is_shown_beside_other_keys(values: str, shown: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: toy\nversion: 1.0.0\n")
    (tmp_path / "values.yaml").write_text(values)
    assert shown_keys(read_chart(tmp_path, str(tmp_path)), {("read", "url"), ("read", "tls"), ("tls",)}) == shown
