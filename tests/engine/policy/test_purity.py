"""Which modules of policies say the same of the same input, as far as their text tells."""

from __future__ import annotations

import pytest

from chartgate.policy.purity import impurities, keeps_something


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


KEEPING = {
    "a module's map": "SEEN = {}\ndef judge(r):\n    SEEN['a'] = r.chart",
    "one below it": "SEEN = {'a': {}}\ndef judge(r):\n    SEEN['a']['b'] = 1",
    "one that is emptied": "SEEN = {'a': 1}\ndef judge(r):\n    del SEEN['a']",
    "one that is added to": "SEEN = [1]\ndef judge(r):\n    SEEN[0] += 1",
    "a count": "import itertools\nNUMBERS = itertools.count()\ndef judge(r):\n    return next(NUMBERS)",
    "a method that changes": "SEEN = set()\ndef judge(r):\n    SEEN.add(r)",
    "a method of what is in it": "SEEN = {'a': []}\ndef judge(r):\n    SEEN['a'].append(r)",
    "what another module has": "from .state import SEEN\ndef judge(r):\n    SEEN.setdefault('a', r.chart)",
    "another module itself": "from . import state\ndef judge(r):\n    state.SEEN = r.chart",
    "an attribute of a function": "def judge(r):\n    judge.seen = r.chart",
    "a name of the module": "SEEN = None\ndef judge(r):\n    global SEEN\n    SEEN = r",
    "a name of a function above": "def made():\n    n = 0\n    def judge(r):\n        nonlocal n\n        n = 1",
    "a decorator": "import functools\n@functools.lru_cache(maxsize=1)\ndef look(name): ...",
    "a decorator by its name": "from functools import cache",
    "all names of functools": "from functools import *",
    "a default": "def judge(r, seen={}): ...",
    "a default behind names": "def judge(r, *, seen=list()): ...",
    "an object of a class": "class Seen:\n    def look(self, r):\n        self.last = r\nSEEN = Seen()",
    "an object of a private class": "class _Seen:\n    def look(self, r):\n        self.last.append(r)\nSEEN = _Seen()",
    "the class itself": "class Seen:\n    last = []\n    def look(self, r):\n        self.last.append(r)",
    "a class from outside of it": "class _Seen:\n    last = None\ndef judge(r):\n    _Seen.last = r",
    "its names": "def judge(r):\n    globals()['seen'] = r",
    "its attributes by name": "def judge(r):\n    setattr(judge, 'seen', r)",
    "its own map": "def judge(r):\n    judge.__dict__['seen'] = r",
}


@pytest.mark.parametrize("text", KEEPING.values(), ids=KEEPING)
def test_it_keeps_something(text: str) -> None:
    assert keeps_something(text)


FORGETTING = {
    "a table": "NAMES = {'a': 1}\ndef judge(r):\n    return NAMES['a'], NAMES.get('b'), sorted(NAMES)",
    "what is made inside": "def judge(r):\n    seen = {}\n    seen['a'] = r\n    seen.update(b=1)\n    return seen",
    "a private class that is used inside": "class _Shell:\n    def run(self, r):\n        self.last = r\n"
    "def judge(r):\n    return _Shell().run(r)",
    "a class that is filled once": "class Names:\n    def __init__(self, r):\n        self.of = r\nNONE = Names('')",
    "the first of some": "NAMES = ('a', 'b')\ndef judge(r):\n    return next(n for n in NAMES if n in r)",
    "a variable of that name": "def judge(r):\n    cache = r\n    return cache",
    "a change of a counterexample": "def broken(r):\n    r.resources[0].manifest['a'] = 1\n    return r",
    "other defaults": "def judge(r, name='', among=(), limit=1): ...",
}


@pytest.mark.parametrize("text", FORGETTING.values(), ids=FORGETTING)
def test_it_keeps_nothing(text: str) -> None:
    assert not keeps_something(text)
