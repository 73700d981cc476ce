"""Which modules of policies say the same of the same input, as far as their text tells."""

from __future__ import annotations

import pytest

from chartgate.policy.purity import impurities


@pytest.mark.parametrize(
    "text",
    [
        "import re",
        "from collections.abc import Iterator",
        "from pathlib import PurePosixPath",
        "from urllib.parse import urlsplit",
        "from chartgate.policy.policy import policy",
        "from chartgate.charts.template_texts.template_reads import reads",
        "from . import spec",
        "from .spec.switches import on",
        "from policies.shop import on",
        "import policies",
        "class A:\n    def open(self): ...\n",
        "place.open",
    ],
)
def test_it_is_pure(text: str) -> None:
    assert impurities(text, "policies") == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("import os", "os"),
        ("import re, os.path as p", "os.path"),
        ("from pathlib import Path", "pathlib.Path"),
        ("import pathlib", "pathlib"),
        ("import datetime", "datetime"),
        ("from random import choice", "random.choice"),
        ("import subprocess", "subprocess"),
        ("import helpers", "helpers"),
        ("from policies_of_others import x", "policies_of_others.x"),
        ("def judge():\n    from helpers import limit", "helpers.limit"),
        ("import importlib", "importlib"),
        ("from chartgate.system.files import read_text", "chartgate.system.files.read_text"),
        ("from chartgate import system", "chartgate.system"),
        ("import chartgate", "chartgate"),
        ("def judge():\n    return open('a')", "open"),
        ("read = open", "open"),
        ("eval('1')", "eval"),
        ("__import__('os')", "__import__"),
        ("print('seen by nobody the next time')", "print"),
    ],
)
def test_it_is_not_pure(text: str, named: str) -> None:
    assert impurities(text, "policies") == [named]
