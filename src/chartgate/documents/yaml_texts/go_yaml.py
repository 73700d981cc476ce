"""YAML as helm and Kubernetes read it, errors that say where, and values written so that helm reads them back.

Both read with sigs.k8s.io/yaml: go-yaml 2, and then JSON. Here libyaml parses, of which go-yaml is a translation, and
`yaml_decoder` has the rules for what is parsed. Known to differ: libyaml refuses `[a:]`, a tag right before a bracket
(`!]`) and some rubbish behind a document that ends with a bracket, and drops a byte order mark that begins a line.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

from chartgate.documents.json_documents.json_text import whole_characters
from chartgate.documents.yaml_texts.yaml_decoder import RepeatedKey, documents
from chartgate.documents.yaml_texts.yaml_encodings import is_utf16, yaml_text
from chartgate.documents.yaml_texts.yaml_scalars import resolved
from chartgate.errors import InputError


class BrokenYaml(InputError):
    """A text is not YAML, or not as Kubernetes reads it; `line` and `column` count from 1, and are 0 if unknown."""

    def __init__(self, where: str, error: yaml.YAMLError, lines_above: int = 0, text: str = "") -> None:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or error
        self.problem = " ".join(str(problem).split())
        number = mark.line + 1 if mark else 0
        self.line: int = number + lines_above if mark else 0
        self.column: int = mark.column + 1 if mark else 0
        place = f"line {self.line}, column {self.column}: " if mark else ""
        above = other_depth(text, number) if number and self.problem in _OF_DEPTHS else 0
        said = f"{where}: {place}{self.problem}"
        wrong = _odd_depth(text, above, number) if above else 0
        if above and not wrong:
            said += f" (or line {above + lines_above}, which has another depth)"
        elif above and wrong == above:
            said = f"{where}: line {above + lines_above} has another depth than those beside it ({place}{self.problem})"
        super().__init__(said)


_OF_DEPTHS = (
    "did not find expected key",
    "did not find expected '-' indicator",
    "mapping values are not allowed in this context",
)
_SAYS = re.compile(r"\s*+[^\s#]")
"""What is no comment, nor empty."""


def other_depth(text: str, line: int) -> int:
    """Give the line above one at which a text is no YAML any more that may be the wrong one; 0 for none.

    It is the one right above, where that has another depth: the parser names the later of the two. Or it is a key
    behind one of the same depth without a value, below which it was to be: what is below it is too deep then.

    Args:
        text: the document.
        line: at which it is no YAML any more, counted from 1, as what is given.
    """
    lines = text.split("\n")[:line]
    depths = {number: len(one) - len(one.lstrip()) for number, one in enumerate(lines, 1) if _SAYS.match(one)}
    own = depths.pop(line, -1)
    around = max((number for number, depth in depths.items() if depth < own), default=0)
    above = max((number for number in depths if number < around), default=0)
    if above and depths[above] == depths[around] and lines[above - 1].rstrip().endswith(":"):
        return around
    before = max(depths, default=0)
    return before if own >= 0 and before and depths[before] != own else 0


def _odd_depth(text: str, above: int, line: int) -> int:
    """Give which of two lines has another depth than the keys beside it, where one of these has that of the other."""
    lines = ["", *text.split("\n")]
    depths = [len(one) - len(one.lstrip()) if _SAYS.match(one) else math.inf for one in lines]
    least = min(depths[above], depths[line])
    begin = max((number for number in range(above) if depths[number] < least), default=0) + 1
    beside: set[float] = set()
    below = math.inf
    for number in itertools.takewhile(lambda number: depths[number] >= least, range(begin, len(lines))):
        if depths[number] <= below and number not in (above, line):
            beside.add(depths[number])
            below = depths[number] if lines[number].rstrip().endswith(":") else math.inf
    odd = [
        one for one, other in ((above, line), (line, above)) if depths[one] not in beside and depths[other] in beside
    ]
    return odd[0] if odd and not lines[above].rstrip().endswith(":") else 0


def load(text: str, where: str, repeats: list[RepeatedKey] | None = None) -> Any:
    """Read one YAML document; an empty one gives None.

    Args:
        text: the document.
        where: what messages call it.
        repeats: for what helm reads: gets every key that its map has already, of which the last one counts; further
            documents are ignored, as helm does. Without it, for what is ours, both are errors.

    Raises:
        BrokenYaml: it is not YAML, helm would refuse it, it is too large, or has a key or a document too many.
    """
    found = _documents(text, where, repeats)
    first, _ = next(found, (None, None))
    if repeats is None:
        for _, mark in found:
            raise BrokenYaml(where, yaml.MarkedYAMLError(problem="but found another document", problem_mark=mark))
    return first


def load_all(text: str, where: str, repeats: list[RepeatedKey] | None = None) -> list[Any]:
    """Read every YAML document of a stream of manifests, in which `-0.0` is 0.

    Raises:
        BrokenYaml: as for `load`.
    """
    return [document for document, _ in _documents(text, where, repeats, minus_zero=False)]


def load_values(content: bytes, where: str, repeats: list[RepeatedKey] | None = None) -> dict[str, Any]:
    """Read a file of values as helm 4 does: its documents are laid over each other; helm 3 reads the first one only.

    Where a run names a helm 3, `one_reading` refuses what has other values there; what only helm 3 reads, since the
    rest of the file is broken or the first document has a `%YAML`, is refused for any helm.

    Of UTF-16 it is the first one, too, since helm looks for the bytes of `---`. It ends the last line by one byte where
    that is not done, and so breaks UTF-16 whose last byte is another: all that is little-endian, which helm 3 reads.
    Source: LoadValues in https://github.com/helm/helm/blob/v4.2.3/pkg/chart/v2/loader/load.go, and LineReader in
    https://github.com/kubernetes/apimachinery/blob/v0.34.0/pkg/util/yaml/decoder.go

    Raises:
        BrokenYaml: as for `load`, but for several documents; or one of them is not a map.
        InputError: it is neither UTF-8 nor UTF-16, or such UTF-16.
    """
    text = yaml_text(content, where)
    if is_utf16(content) and not content.endswith(b"\n"):
        raise InputError(f"{where} is UTF-16 of which helm 4 breaks the last character: save it as UTF-8")
    values: dict[str, Any] = {}
    for lines_above, part in [(0, text)] if is_utf16(content) else _parts(text, where):
        own: list[RepeatedKey] | None = None if repeats is None else []
        document, mark = next(_documents(part, where, own, lines_above), (None, None))
        if not isinstance(document, dict | None):
            problem = f"expected a map of values, found {type(document).__name__}"
            raise BrokenYaml(where, yaml.MarkedYAMLError(problem=problem, problem_mark=mark), lines_above)
        _lay_over(values, document or {})
        if repeats is not None:
            repeats += (repeat._replace(line=repeat.line + lines_above) for repeat in own or ())
    return values


def _parts(text: str, where: str) -> Iterator[tuple[int, str]]:
    """Cut a file at its lines `---`, as k8s.io/apimachinery does; each part comes with how many lines are above it."""
    start = lines_above = 0
    for found in _SEPARATOR.finditer(text):
        if found["more"]:
            mark = yaml.Mark("", found.start(), text.count("\n", 0, found.start()), 0, None, 0)
            problem = "nothing but a comment may follow --- in its line, for helm 4"
            raise BrokenYaml(where, yaml.MarkedYAMLError(problem=problem, problem_mark=mark))
        yield lines_above, text[start : found.start()]
        lines_above += text.count("\n", start, found.end())
        start = found.end()
    yield lines_above, text[start:]


_SEPARATOR = re.compile(r"^---[^\S\n]*(?:#[^\n]*|(?P<more>[^\n]+))?(?:\n|\Z)", re.MULTILINE)


def _lay_over(values: dict[str, Any], others: dict[str, Any]) -> None:
    for key, other in others.items():
        below = values.get(key)
        if isinstance(below, dict) and isinstance(other, dict):
            _lay_over(below, other)
        else:
            values[key] = other


def _documents(
    text: str, where: str, repeats: list[RepeatedKey] | None, lines_above: int = 0, *, minus_zero: bool = True
) -> Iterator[tuple[Any, yaml.Mark]]:
    try:
        yield from documents(text, repeats, minus_zero=minus_zero)
    except yaml.reader.ReaderError as error:
        raise BrokenYaml(where, _marked(text, error), lines_above) from error
    except yaml.YAMLError as error:
        raise BrokenYaml(where, error, lines_above, text) from error


def _marked(text: str, error: yaml.reader.ReaderError) -> yaml.MarkedYAMLError:
    """Say in lines and columns where a character is that YAML does not allow; libyaml counts bytes."""
    before = text.encode()[: error.position].decode(errors="ignore")
    line, column = before.count("\n"), len(before) - before.rfind("\n") - 1
    mark = yaml.Mark("", len(before), line, column, None, 0)
    problem = f"unacceptable character #x{error.character:04x}: {error.reason}"
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def tree(text: str, where: str) -> yaml.Node | None:
    """Give the nodes of a document that `load` has read, for their lines and comments.

    Raises:
        BrokenYaml: an anchor is there twice, which `load` allows.
    """
    try:
        return yaml.compose(text, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise BrokenYaml(where, error) from error


class _Dumper(yaml.CSafeDumper):
    """Block style, text with line breaks as literal blocks, as a person wants to read it in a diff."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True

    def resolve(self, kind: type[yaml.Node], value: str, implicit: tuple[bool, bool]) -> str:
        """Give the tag that a reader takes a node for; a text that is none to it when plain gets quotes."""
        if kind is not yaml.ScalarNode:
            name = "map" if kind is yaml.MappingNode else "seq"
        elif value == "<<":
            name = "merge"
        else:
            name = _NAMES[type(resolved(value))] if implicit[0] else "str"
        return f"{_TAG}{name}"


_TAG = "tag:yaml.org,2002:"
_NAMES = {str: "str", bool: "bool", int: "int", float: "float", type(None): "null"}


def _text(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar(f"{_TAG}str", whole_characters(text), style=style)


class _LineDumper(_Dumper):
    """Writes texts of several lines with escapes."""


def _quoted(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(f"{_TAG}str", whole_characters(text), style='"' if "\n" in text else None)


_Dumper.add_representer(str, _text)
_LineDumper.add_representer(str, _quoted)


def dump(document: Any, *, sort_keys: bool = False) -> str:
    """Write one document as block-style YAML."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=sort_keys, width=10_000, allow_unicode=True)


def dump_line(document: Any) -> str:
    """Write one document as YAML in one line, without the line's end: `{a: {b: 1}}`."""
    text: str = yaml.dump(
        document, Dumper=_LineDumper, sort_keys=False, width=10**9, allow_unicode=True, default_flow_style=True
    )
    return text.removesuffix("\n").removesuffix("\n...")


def reads_as_another_type(text: str) -> bool:
    """Tell whether a text needs quotes to stay one: `1` and `true` do, `one` does not."""
    try:
        return isinstance(load(text, ""), bool | int | float | None)
    except InputError:
        return False
