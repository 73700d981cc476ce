"""What Kubernetes accepts as a name: its characters and its length, by kind of object or part.

Sources: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and
https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
"""

from __future__ import annotations

import functools
import re
from typing import Any, NamedTuple


class Rule(NamedTuple):
    """What a name must look like, and how long it may be."""

    words: str
    pattern: str
    most: int


_DNS = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
LABEL = Rule("a DNS label", _DNS, 63)
SUBDOMAIN = Rule("a DNS subdomain", rf"{_DNS}(\.{_DNS})*", 253)
PORT = Rule("a port name with a letter", r"(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?", 15)
KEY = Rule("a key of letters, digits, `-`, `_` and `.`", r"(?!\.{1,2}$)[-._a-zA-Z0-9]+", 253)
VALUE = Rule("a label value", r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?", 63)
QUALIFIED = Rule("the name of a label", r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?", 63)
# Roles may have any name that fits into a URL.
_SEGMENT = Rule("a path segment", r"(?!\.{1,2}$)[^/%]+", 253)
_BY_KIND = {
    "Namespace": LABEL,
    "Service": Rule("a DNS label that begins with a letter", r"[a-z]([-a-z0-9]*[a-z0-9])?", 63),
    # The Jobs that it makes get eleven characters more.
    "CronJob": SUBDOMAIN._replace(most=52),
    # The name is the value of a label of its pods.
    "Job": SUBDOMAIN._replace(most=63),
    # With a hash of ten characters, it is the value of the label controller-revision-hash of its pods.
    "StatefulSet": SUBDOMAIN._replace(most=52),
    **dict.fromkeys(("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"), _SEGMENT),
}


def rule_of(kind: str) -> Rule:
    """Give what the names of a kind must look like; most are DNS subdomains."""
    return _BY_KIND.get(kind, SUBDOMAIN)


def fits(name: Any, rule: Rule) -> bool:
    """Tell whether a name follows a rule."""
    return isinstance(name, str) and len(name) <= rule.most and _matches(rule.pattern, name)


@functools.lru_cache(maxsize=4096)
def _matches(pattern: str, name: str) -> bool:
    """Tell whether a name has a form; the labels of one chart have few names and values."""
    return re.fullmatch(pattern, name) is not None
