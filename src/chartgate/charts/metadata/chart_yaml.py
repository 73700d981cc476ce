"""Chart.yaml and requirements.yaml as helm reads them: which forms it takes, and what it makes of them.

Source: https://github.com/helm/helm/blob/v4.2.3/pkg/chart/v2/metadata.go and dependency.go; that numbers become texts
is https://github.com/kubernetes-sigs/yaml/blob/v1.6.0/yaml.go (convertToJSONableObject).
"""

from __future__ import annotations

import math
import posixpath
import re
import struct
from collections.abc import Callable, Mapping
from typing import Any

from chartgate.charts.metadata.version_constraints import chart_version
from chartgate.documents.yaml_texts import go_yaml
from chartgate.documents.yaml_texts.yaml_decoder import RepeatedKey
from chartgate.documents.yaml_texts.yaml_encodings import yaml_text
from chartgate.errors import InputError

Files = Mapping[str, bytes]
_Form = Callable[[Any, str], Any]
_ALIAS = re.compile(r"[a-zA-Z0-9_-]+")


def read_chart_yaml(files: Files, source: str, repeats: list[RepeatedKey], *, is_top: bool) -> dict[str, Any]:
    """Give what Chart.yaml says, completed by a requirements.yaml; helm takes that of an apiVersion v2 chart, too.

    Args:
        files: of the chart.
        source: what messages call the chart.
        repeats: where to tell the keys that Chart.yaml has twice; the last one counts.
        is_top: whether helm is asked for this chart itself; of a subchart, it asks less.

    Raises:
        InputError: it is missing, or helm refuses it.
    """
    if "Chart.yaml" not in files:
        raise InputError(f"{source} is not a chart: it has no Chart.yaml")
    content = _content(files["Chart.yaml"], f"{source}/Chart.yaml", repeats)
    version = content.get("apiVersion") or "v1"
    content["apiVersion"] = version
    if "requirements.yaml" in files:
        required = _content(files["requirements.yaml"], f"{source}/requirements.yaml", [])
        content = _laid_over(content, required)
    if is_top and version not in ("v1", "v2"):
        raise InputError(
            f"{source}/Chart.yaml: apiVersion {version!r} is no form of chart that helm 4 renders: v1 or v2"
        )
    if is_top and content.get("type") == "library":
        raise InputError(f"{source} is a library chart: helm renders it as a part of other charts only, so name one")
    for lock in ("Chart.lock", "requirements.lock"):
        if lock in files:
            _map(go_yaml_document(files[lock], f"{source}/{lock}", []), f"{source}/{lock}")
    _check(content, f"{source}/Chart.yaml")
    return content


def go_yaml_document(content: bytes, where: str, repeats: list[RepeatedKey]) -> Any:
    """Read the first YAML document of a file of a chart: helm looks at no other.

    Raises:
        InputError: it is neither UTF-8 nor UTF-16, or not YAML.
    """
    return go_yaml.load(yaml_text(content, where), where, repeats)


def _content(file: bytes, where: str, repeats: list[RepeatedKey]) -> dict[str, Any]:
    return _fields(_METADATA, go_yaml_document(file, where, repeats), where)


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Read one file over what another said, as Go does it: item by item in the list of dependencies."""
    merged = below | above
    ours, theirs = below.get("dependencies"), above.get("dependencies")
    if ours and theirs:
        merged["dependencies"] = [
            {**ours[index], **entry} if index < len(ours) and ours[index] and entry else entry
            for index, entry in enumerate(theirs)
        ]
    return merged


def _map(value: Any, where: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InputError(f"{where}: expected a map of keys, found {type(value).__name__}")
    return value


def _fields(forms: Mapping[str, _Form], value: Any, where: str) -> dict[str, Any]:
    """Give the fields that helm knows in their forms, and all others as they are; a null is left out.

    A field may be written in any case, and the one that is sorted last counts.
    """
    given = _map(value, where)
    others = {key: item for key, item in given.items() if key.lower() not in {name.lower() for name in forms}}
    found: dict[str, Any] = {}
    for key in sorted(given.keys() - others.keys()):
        name = next(name for name in forms if name.lower() == key.lower())
        if given[key] is not None:
            found[name] = forms[name](given[key], f"{where}: {name}")
    return others | found


def _text(value: Any, where: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | str):
        return _shown(str(value))
    if isinstance(value, float):
        return _go_float(value)
    raise InputError(f"{where} is not text but a {'list' if isinstance(value, list) else 'map'}")


def _shown(text: str) -> str:
    """Give a text as helm sanitizes it: any space is a blank, and what cannot be shown is left out."""
    return "".join(" " if character.isspace() else character for character in text if _is_shown(character))


def _is_shown(character: str) -> bool:
    return character.isspace() or character.isprintable()


def _go_float(value: float) -> str:
    """Write a number as Go does with 32 bits of precision and the fewest digits: 1.10 is 1.1."""
    if not math.isfinite(value) or abs(value) > 3.4e38:
        return "NaN" if math.isnan(value) else f"{'-' if value < 0 else '+'}Inf"
    single = struct.unpack("f", struct.pack("f", value))[0]
    texts = (f"{value:.{digits}e}" for digits in range(9))
    shortest = next(text for text in texts if struct.unpack("f", struct.pack("f", float(text)))[0] == single)
    mantissa, _, exponent = shortest.partition("e")
    if not -4 <= int(exponent) < 6:
        return shortest
    return f"{float(shortest):.{max(0, len(mantissa.lstrip('-').replace('.', '')) - 1 - int(exponent))}f}"


def _list_of(form: _Form) -> _Form:
    def read(value: Any, where: str) -> list[Any]:
        if not isinstance(value, list):
            raise InputError(f"{where} is not a list")
        return [None if item is None else form(item, f"{where}[{index}]") for index, item in enumerate(value)]

    return read


def _truth(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"{where} is neither true nor false")
    return value


def _texts_by_key(value: Any, where: str) -> dict[str, str]:
    return {key: "" if item is None else _text(item, f"{where}.{key}") for key, item in _map(value, where).items()}


def _as_it_is(value: Any, _: str) -> Any:
    return value


def _list_of_texts(value: Any, where: str) -> list[str]:
    return [item or "" for item in _list_of(_text)(value, where)]


def _maintainer(value: Any, where: str) -> dict[str, Any]:
    return _fields(dict.fromkeys(("name", "email", "url"), _text), value, where)


def _dependency(value: Any, where: str) -> dict[str, Any]:
    return _fields(_DEPENDENCY, value, where)


_DEPENDENCY: dict[str, _Form] = {
    **dict.fromkeys(("name", "version", "repository", "condition", "alias"), _text),
    "tags": _list_of_texts,
    "enabled": _truth,
    "import-values": _list_of(_as_it_is),
}
_METADATA: dict[str, _Form] = {
    **dict.fromkeys(("name", "home", "version", "description", "icon", "apiVersion", "condition", "tags"), _text),
    **dict.fromkeys(("appVersion", "kubeVersion", "type"), _text),
    **dict.fromkeys(("sources", "keywords"), _list_of_texts),
    "maintainers": _list_of(_maintainer),
    "deprecated": _truth,
    "annotations": _texts_by_key,
    "dependencies": _list_of(_dependency),
}


def _check(content: Mapping[str, Any], where: str) -> None:
    """Refuse what helm's validation refuses."""
    for key in ("name", "version"):
        if not content.get(key):
            raise InputError(f"{where}: {key} is missing")
    name, version = content["name"], content["version"]
    if name in (".", "..") or posixpath.basename(name) != name:
        raise InputError(f"{where}: name {name!r} is not the name of a chart")
    if chart_version(version) is None:
        raise InputError(f"{where}: version {version!r} is no semantic version, like 1.2.3")
    if content.get("type", "") not in ("", "application", "library"):
        raise InputError(f"{where}: type {content['type']!r} is neither application nor library")
    if None in (content.get("maintainers") or ()):
        raise InputError(f"{where}: maintainers has an empty entry")
    _check_dependencies(content.get("dependencies") or [], where)


def _check_dependencies(dependencies: list[dict[str, Any] | None], where: str) -> None:
    seen: set[str] = set()
    for number, entry in enumerate(dependencies):
        if entry is None:
            raise InputError(f"{where}: dependencies[{number}] is empty")
        if not entry.get("name"):
            raise InputError(f"{where}: dependencies[{number}] has no name")
        alias = entry.get("alias", "")
        if alias and not _ALIAS.fullmatch(alias):
            raise InputError(
                f"{where}: alias {alias!r} of dependency {entry['name']!r} may have letters, digits, _ and -"
            )
        name = alias or entry["name"]
        if name in seen:
            raise InputError(f"{where}: two dependencies are called {name!r}: give one of them an alias")
        seen.add(name)
