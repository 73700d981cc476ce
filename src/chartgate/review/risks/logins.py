"""By which name and word programs let somebody in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT, steps
from chartgate.documents.secret_texts.secret_names import is_secret_name
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit, risk

_USER = re.compile(r"(?:^|[-_.]|(?<=[a-z]))(?:user|username|user[-_]name|login)$", re.IGNORECASE)
_SIGNS = re.compile(r"(?:^|[-_.])(?:session|cookie|signing|encryption|jwt|hmac|salt)", re.IGNORECASE)
"""With what sessions are signed and data is encrypted."""
_ADMIN = re.compile(r"(?:^|[-_.])admin$", re.IGNORECASE)
_VARIABLE = re.compile(r"\.env\[(?P<name>[^\[\]]++)\]\.value$")


@risk(level="caution", bump="major", source="https://kubernetes.io/docs/concepts/configuration/secret/#using-a-secret")
def login_changed(pair: Pair) -> Iterator[Hit]:
    """A user name or a password is another one.

    A database was set up with the old one and keeps it with its files, and whoever logs in from elsewhere still has it.
    What is made up at each rendering is told as such.
    """
    for difference in pair.differences:
        if ABSENT in (difference.before, difference.after) or "" in (difference.before, difference.after):
            continue
        name = _name_at(pair.resource, difference.address)
        is_word = pair.resource.kind == "Secret" and (
            is_secret_name(name) or bool(_SIGNS.search(name) or _ADMIN.search(name))
        )
        if is_word or _USER.search(name):
            yield Hit(difference.address, "what was set up with the old one still has it")


def _name_at(resource: Resource, address: str) -> str:
    """Give the name of the key or the variable whose value is at an address; empty where it is something else."""
    if resource.kind in WORKLOAD_KINDS:
        variable = _VARIABLE.search(address)
        return variable["name"] if variable else ""
    parts = steps(address)
    return parts[-1] if parts[0] == "data" else ""
