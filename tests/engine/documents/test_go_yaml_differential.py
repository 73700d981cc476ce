"""Thousands of generated documents: our reader gives what helm's gives, and helm reads back what we write."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chartgate.documents.json_documents.equality import same
from chartgate.documents.yaml_texts import go_yaml
from chartgate.documents.yaml_texts.go_yaml import BrokenYaml
from chartgate.documents.yaml_texts.yaml_decoder import RepeatedKey
from chartgate.system.toolchain import Tools
from tests.engine.helm_reads import SCALAR, Answer, as_doubles, as_helm_reads, helms

EXAMPLES = 1200
"""Of each kind, the same in every run."""

_WORDS = """
a b 1 0x1F 1e3 ~ yes "q" 's' -1 .5 2024-01-01 *x *y << !!str·1 !!int·"3" !t·x !·1 &x·a &y·1 null a:b
http://a/b a#b é 1_000 "" | x·y .nan 0o7 08 1:30 - ? = @ "\\x41\\u00e9" 'it''s'
"""
WORDS = st.sampled_from([word.replace("·", " ") for word in _WORDS.split()])
NUMBERS = st.text(st.sampled_from("0123456789+-._eExXoObBaF"), min_size=1, max_size=6)
TAGS = st.sampled_from(["", "", "", "&x ", "&y ", "!!set ", "!!map ", "!!int ", "!t "])


def _flow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    items = st.lists(inner, max_size=3).map(", ".join)
    entry = st.tuples(WORDS, st.sampled_from([": ", " : ", ": "]), inner).map("".join)
    entries = st.lists(entry | WORDS, max_size=3).map(", ".join)
    return st.builds("{}[{}]".format, TAGS, items) | st.builds("{}{{{}}}".format, TAGS, entries)


FLOW = st.recursive(WORDS | NUMBERS, _flow, max_leaves=6)

LINES = st.lists(st.sampled_from(["x", "y z", "# n", "- a", "", " ", "\t", "a: b", "  deeper"]), max_size=4)
HEADERS = st.sampled_from(["|", ">", "|-", ">+", "|2", "!!str |", "&x >-"])
CONTINUED = st.sampled_from(["plain\n  more", '"a\\\n  b"', "'a\n\n  b'", "a\n\n b", "a # c", "a\n# c\n b"])
LEAVES = FLOW | CONTINUED | st.builds(lambda header, lines: "\n  ".join([header, *lines]), HEADERS, LINES)


def _block(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    between = st.sampled_from(["", " &x", " &y", " !!map", " # c", " !t"])
    deeper = st.builds(
        lambda extras, text, by: f"{extras}\n" + re.sub("^", by, text, flags=re.MULTILINE),
        between,
        inner,
        st.sampled_from(["  ", "  ", " ", ""]),
    )
    value = inner.map(lambda text: f" {text}") | deeper
    items = st.lists(value.map(lambda text: f"-{text}"), min_size=1, max_size=3)
    entries = st.lists(st.builds("{}:{}".format, WORDS | st.just("<<"), value), min_size=1, max_size=3)
    return (items | entries).map("\n".join)


BLOCK = st.recursive(LEAVES, _block, max_leaves=6)
AROUND = st.sampled_from(
    ["{}", "{}", "{}", "---\n{}", "--- {}", "%YAML 1.1\n---\n{}", "# c\n{}", "{}\n...", "{}\n---\nx"]
)
BREAKS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", "\x85"])
DOCUMENTS = st.builds(lambda around, text, ends: around.format(text).replace("\n", ends), AROUND, BLOCK, BREAKS)

PIECES = r"""
-·  ?·  :·  a:·  b:·  a  b  1  &x·  *x  *x·  &y·  *y  !!str·  !!int·  !t·  'q'  "q"  "q\n"  'q':  "q":  |↵  >-↵  |2↵
>+↵  ·#·c  ·#c  #  ↵---↵  ---  ↵...↵  %YAML·1.1↵---↵  ⇥  ·  ··  ↵  ↵·  ↵··  ↵····  ↵-·  ↵··-·  [  ]  {  }  ,·  ,  <<:·
<<  :  ::  ?  -  a:b  http://x  ~  null  x·y  %  @  `  \  "  '  &  *  |  >  =  0x  1e3  {a:·b}  [a,·b]  {a}  {"a":b}
[a:b]  -·-·a  &x·a:·b  *x·:·b  "a"·:·b  a:·|↵·b↵  a:·>↵·b↵↵·c↵
"""
SOUP = st.lists(
    st.sampled_from([piece.translate(str.maketrans("·↵⇥", " \n\t")) for piece in re.split(r"[ \n]+", PIECES.strip())]),
    min_size=1,
    max_size=9,
).map("".join)
SOUPS = st.builds(lambda start, soup: start + soup, st.sampled_from(["a: ", "- ", "a:\n  ", "? a\n: "]), SOUP)


def _generated(strategy: st.SearchStrategy[Any]) -> list[Any]:
    found = []

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: Any) -> None:
        found.append(example)

    collect()
    return found


def _as_we_read(document: str, repeats: list[RepeatedKey]) -> Answer:
    try:
        value = go_yaml.load(document, "here", repeats)
    except BrokenYaml as error:
        return Answer(refusal=str(error))
    if value is None:
        return Answer({})  # so does `fromYaml` have it
    return Answer(as_doubles(value) if isinstance(value, dict | list) else SCALAR)


@pytest.mark.parametrize("kind", [DOCUMENTS, SOUPS], ids=["documents", "soups"])
def test_we_read_what_helm_reads(kind: st.SearchStrategy[str], tools: Tools, tmp_path: Path) -> None:
    documents = _generated(kind)
    ours = {}
    for document in documents:
        repeats: list[RepeatedKey] = []
        answer = _as_we_read(document, repeats)
        # Of `1` and `"1"` in one map, either may win in helm: which one is a matter of chance.
        if not repeats:
            ours[document] = answer
    assert len({answer.refusal == "" for answer in ours.values()}) == 2
    for helm in helms(tools):
        for document, theirs in zip(ours, as_helm_reads(list(ours), helm, tmp_path), strict=True):
            mine = ours[document]
            assert bool(mine.refusal) == bool(theirs.refusal), (document, mine, theirs)
            assert mine.refusal or mine.value == as_doubles(theirs.value), (document, mine, theirs)


_ODD = " \n\t\r:#-?'\"[]{}&*!|>%@`,ab1.~=_+<\\\x85\u2028\u2029\ufeff\x07\0\x1b\x7f\x80é😀yn0e\xa0\ufffe\uffff"
_WHOLE = ["y", "<<", "~", "", "null", "1e3", "0x1F", "1_000", ".inf", "---", "...", "- a", "a: b", "1:30", "x" * 1100]
_BROKEN = ["a\n\n\n b", " \n a", "\n\n", "a\n ", "a\n\t", "\ta", "a\n#b", "a #b", "x " * 6000, "---\na", "a\n---\nb"]
TEXTS = (
    st.text(st.sampled_from(_ODD), max_size=10)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    | st.sampled_from([*_WHOLE, *_BROKEN])
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([1e21, 1e17, 1.0, -0.0, 5e-324, 1.7e308])
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | FLOATS | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=10
)


def _with_whole_numbers(value: Any) -> Any:
    """Give a value as JSON has it, where 1.0 is 1; -0.0 is itself, which is -0 there."""
    if isinstance(value, dict):
        return {key: _with_whole_numbers(inside) for key, inside in value.items()}
    if isinstance(value, list):
        return [_with_whole_numbers(inside) for inside in value]
    is_whole = isinstance(value, float) and value.is_integer() and -(2**63) <= value < 2**63 and str(value) != "-0.0"
    return int(value) if is_whole else value


def test_helm_reads_back_what_is_written(tools: Tools, tmp_path: Path) -> None:
    values = [value if isinstance(value, dict | list) else [value] for value in _generated(VALUES)]
    written = [go_yaml.dump(value) for value in values]
    for value, text in zip(values, written, strict=True):
        assert same(go_yaml.load(text, "here"), _with_whole_numbers(value)), text
    for helm in helms(tools):
        for value, theirs in zip(values, as_helm_reads(written, helm, tmp_path), strict=True):
            assert as_doubles(theirs.value) == as_doubles(value), theirs


def test_text_of_several_lines_is_written_as_it_is_read() -> None:
    assert go_yaml.dump({"script": "one\n  two\n"}) == "script: |\n  one\n    two\n"
