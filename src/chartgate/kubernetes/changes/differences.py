"""Where two documents differ: items of lists match by their merge key, text that holds YAML is compared as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chartgate.documents.addresses import ABSENT, join
from chartgate.documents.alignment import opcodes
from chartgate.documents.json_documents.equality import canonical
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError

# By which field Kubernetes tells the items of a list apart (`x-kubernetes-patch-merge-key` and
# `x-kubernetes-list-map-keys` of its OpenAPI description); the first of these that is unique on both sides counts.
_KEYS_BY_FIELD: dict[str, tuple[tuple[str, ...], ...]] = {
    "conditions": (("type",),),
    "hostAliases": (("ip",),),
    "imagePullSecrets": (("name",),),
    "ports": (("containerPort",), ("containerPort", "protocol"), ("port",), ("port", "protocol"), ("name",)),
    "topologySpreadConstraints": (("topologyKey",), ("topologyKey", "whenUnsatisfiable")),
    "volumeClaimTemplates": (("metadata.name",),),
    "volumeDevices": (("devicePath",),),
    "volumeMounts": (("mountPath",),),
}
_USUAL_KEY_NAMES = "name key id host path package type secretKey"
_USUAL_KEYS: tuple[tuple[str, ...], ...] = tuple((name,) for name in _USUAL_KEY_NAMES.split())
_KEYS_OF_SETS = (("secretKey",),)
"""Items that such a field tells apart have no order."""
# Lists of maps whose order Kubernetes does not care about, and lists of texts that are sets.
_UNORDERED = """
    env hostAliases imagePullSecrets ports secrets subjects tolerations topologySpreadConstraints volumeDevices
    volumeMounts volumes accessModes add apiGroups drop finalizers policyTypes resourceNames resources nonResourceURLs
    verbs from to ingress egress tls hosts hostnames paths webhooks operations apiVersions versions externalIPs
    loadBalancerSourceRanges parentRefs enum required shortNames categories
"""
_WITHOUT_ORDER = frozenset(_UNORDERED.split())


@dataclass(frozen=True)
class Difference:
    """One address with its old and its new value; ABSENT where there is none."""

    address: str
    before: Any
    after: Any
    in_list: bool = False
    """Whether it is an item of a list, or inside of one."""


class _Item(str):
    """A step to an item of a list, by its name or its place in the list; written in brackets."""

    __slots__ = ()


HoldsYaml = Callable[[tuple[str, ...]], bool]
"""Whether the text that these keys lead to may hold YAML, which is to be compared as data."""


def differences(before: Any, after: Any, holds_yaml: HoldsYaml = lambda _: False) -> list[Difference]:
    """Give every address at which two documents differ; formatting and the order of keys do not count.

    An address goes on inside of a text that holds YAML or JSON: `data[app.yaml].server.port`.
    """
    return list(_between(before, after, (), holds_yaml))


def _between(before: Any, after: Any, above: tuple[str, ...], holds_yaml: HoldsYaml) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from _between(before.get(key, ABSENT), after.get(key, ABSENT), (*above, str(key)), holds_yaml)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _between_lists(before, after, above, holds_yaml)
    elif isinstance(before, str) and isinstance(after, str) and before != after:
        held = _held(before, after) if holds_yaml(above) or before.lstrip()[:1] in ("{", "[") else None
        if held is None:
            yield Difference(_address(*above), before, after, _in_list(above))
        else:
            yield from _between(*held, above, holds_yaml)
    elif not _same(before, after):
        yield Difference(_address(*above), before, after, _in_list(above))


def _same(before: Any, after: Any) -> bool:
    """Compare as JSON does: 1 is 1.0, but true is not 1, and nothing there is not null."""
    if isinstance(before, bool) or isinstance(after, bool):
        return before is after
    return bool(before == after)


def _held(before: str, after: str) -> tuple[Any, Any] | None:
    """Give the documents that two texts hold; nothing where one of them holds no map and no list."""
    if before.startswith("#!") or after.startswith("#!"):
        return None  # a script, even one that YAML could read
    try:
        was, now = (go_yaml.load_all(text, "") for text in (before, after))
    except InputError:
        return None
    if not all(isinstance(document, dict | list) for document in (*was, *now)) or not was or not now:
        return None
    return (was[0], now[0]) if len(was) == len(now) == 1 else (was, now)


def _between_lists(
    before: list[Any], after: list[Any], above: tuple[str, ...], holds_yaml: HoldsYaml
) -> Iterator[Difference]:
    field = above[-1] if above else ""
    keys = _merge_keys(field, before, after)
    if keys is not None:
        names = _by_name(before, keys), _by_name(after, keys)
        yield from _between_named(
            *names, above, holds_yaml, is_ordered=field not in _WITHOUT_ORDER and keys not in _KEYS_OF_SETS
        )
        return
    if field in _WITHOUT_ORDER:
        before, after = (sorted(items, key=canonical) for items in (before, after))
    was, now = [canonical(item) for item in before], [canonical(item) for item in after]
    gone: list[int] = []
    new: list[int] = []
    for kind, first, last, other_first, other_last in opcodes(was, now):
        if kind == "equal":
            continue
        paired = last - first if last - first == other_last - other_first else 0
        for place, other in zip(range(first, first + paired), range(other_first, other_last), strict=False):
            yield from _between(before[place], after[other], (*above, _Item(other)), holds_yaml)
        gone += range(first + paired, last)
        new += range(other_first + paired, other_last)
    moved = {was[place] for place in gone} & {now[place] for place in new}
    for place in (place for place in gone if was[place] not in moved):
        yield Difference(_address(*above, _Item(place)), before[place], ABSENT, in_list=True)
    for place in (place for place in new if now[place] not in moved):
        yield Difference(_address(*above, _Item(place)), ABSENT, after[place], in_list=True)
    if moved:
        on_both = set(was) & set(now)
        orders = [
            ", ".join(
                item if isinstance(item, str) else text for item, text in zip(*side, strict=True) if text in on_both
            )
            for side in ((before, was), (after, now))
        ]
        yield Difference(_address(*above), f"order: {orders[0]}", f"order: {orders[1]}")


def _between_named(
    before: dict[str, Any], after: dict[str, Any], above: tuple[str, ...], holds_yaml: HoldsYaml, *, is_ordered: bool
) -> Iterator[Difference]:
    for name in [*before, *(name for name in after if name not in before)]:
        yield from _between(before.get(name, ABSENT), after.get(name, ABSENT), (*above, _Item(name)), holds_yaml)
    was, now = [n for n in before if n in after], [n for n in after if n in before]
    if was != now and above and is_ordered:
        yield Difference(_address(*above), f"order: {', '.join(was)}", f"order: {', '.join(now)}")


def _merge_keys(field: str, before: list[Any], after: list[Any]) -> tuple[str, ...] | None:
    """Give the fields that tell the items apart on both sides; nothing where the items are not maps."""
    if not all(isinstance(item, dict) for item in (*before, *after)) or not (before or after):
        return None
    for keys in (*_KEYS_BY_FIELD.get(field, ()), *_USUAL_KEYS):
        names = [[_name(item, keys) for item in items] for items in (before, after)]
        if all(all(side) and len(set(side)) == len(side) for side in names):
            return keys
    return None


def _by_name(items: Sequence[Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {_name(item, keys): item for item in items}


def _name(item: Any, keys: tuple[str, ...]) -> str:
    """Give the name of an item, made of these fields; empty where the first of them is not a text and not a number."""
    parts = []
    for key in keys:
        value = item
        for step in key.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        parts.append(str(value) if isinstance(value, str | int) and not isinstance(value, bool) else "")
    return "/".join(filter(None, parts)) if parts[0] else ""


def _in_list(steps: tuple[str, ...]) -> bool:
    return any(isinstance(step, _Item) for step in steps)


def _address(*steps: str) -> str:
    """Join steps to an address in which the items of lists can be told from the keys of maps: `ports[http].name`."""
    address = ""
    for step in steps:
        if isinstance(step, _Item):
            escaped = step.replace("\\", "\\\\").replace("]", "\\]")
            address += f"[{escaped}]"
        else:
            plain = join(step)
            address += plain if not address or plain.startswith("[") else f".{plain}"
    return address
