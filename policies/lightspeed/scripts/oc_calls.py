"""The calls of `oc` in a shell script: what each says, whether its failure counts, what its account needs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chartgate.kubernetes.permissions import Permission, on

_WORD = r"""(?:"[^"]*"|'[^']*'|[^\s"';|&()<>])+"""
_CALL = re.compile(rf"(?<![\w./\"'-])oc((?:[ \t]+{_WORD})+)")
_WITH_VALUE = {"-n": "--namespace", "-l": "--selector", "-o": "--output", "-p": "--patch", "-f": "--filename"}
# What a client asks of the API server, seen in its requests. `patch` and `rollout status` get the object first;
# `rollout status` then lists and watches with a field selector on its name, which a rule with resourceNames allows.
# Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
_VERBS = {
    "patch": "get patch",
    "rollout status": "get list watch",
    "rollout restart": "get patch",
    "wait": "get list watch",
}
_DEPLOYMENTS = re.compile(r"(deployments?|deploy)(\.apps)?")


class NeedsUnknown(Exception):
    """A call of which is not known here what its account needs."""


@dataclass(frozen=True)
class OcCall:
    """One call of `oc` in a script: `before` and `after` are the rest of its line."""

    arguments: tuple[str, ...]
    options: dict[str, str]
    before: str
    after: str

    @property
    def command(self) -> str:
        """The command, of two words where `oc` has a group of commands."""
        return " ".join(self.arguments[: 2 if self.arguments[0] == "rollout" else 1])

    @property
    def operands(self) -> tuple[str, ...]:
        """What follows the command."""
        return self.arguments[2 if self.arguments[0] == "rollout" else 1 :]

    @property
    def failure_counts(self) -> bool:
        """Whether `set -e` sees it fail: a whole statement, or the whole value of a plain assignment."""
        alone = not self.before.strip() and not self.after.strip()
        return alone or (
            re.fullmatch(r"\s*\w+=\"?\$\(\s*", self.before) is not None
            and re.fullmatch(r"\s*\)\"?\s*", self.after) is not None
        )

    def __str__(self) -> str:
        return f"oc {' '.join(self.arguments)}"


def statements(script: str) -> list[str]:
    """Give the lines of a script without comments and blank ones, continued lines joined."""
    joined = re.sub(r"\\\n\s*", " ", script)
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def oc_calls(script: str) -> list[OcCall]:
    """Give every call of `oc`, in the order of the script."""
    return [
        _call(found[1], line[: found.start()], line[found.end() :])
        for line in statements(script)
        for found in _CALL.finditer(line)
    ]


def permissions_for(call: OcCall, target: str) -> list[Permission]:
    """Give what an account needs for a call; an operand that is a variable means the Deployment `target`.

    Raises:
        NeedsUnknown: the command, or the kind of its operand, is not one of those that are known here.
    """
    kind, _, name = call.operands[0].partition("/") if call.operands else ("", "", "")
    if kind.startswith("$"):
        kind, name = "deployment", target
    name = name or next(iter(call.operands[1:]), "")
    if not _DEPLOYMENTS.fullmatch(kind):
        raise NeedsUnknown(f"{call}: {kind or 'nothing'} is not a Deployment")
    if call.command == "get":
        watches = any(option in call.options for option in ("-w", "--watch"))
        return on("apps", "deployments", f"{'get' if name else 'list'}{' watch' if watches else ''}", name)
    if call.command not in _VERBS or not name:
        raise NeedsUnknown(f"{call}: not get, {', '.join(_VERBS)} of one Deployment")
    return on("apps", "deployments", _VERBS[call.command], name)


def _call(text: str, before: str, after: str) -> OcCall:
    words = [re.sub(r"[\"']", "", word) for word in re.findall(_WORD, text)]
    arguments: list[str] = []
    options: dict[str, str] = {}
    while words:
        word = words.pop(0)
        if word in _WITH_VALUE:
            options[_WITH_VALUE[word]] = words.pop(0) if words else ""
        elif word.startswith("-"):
            option, _, value = word.partition("=")
            options[option] = value
        else:
            arguments.append(word)
    return OcCall(tuple(arguments) or ("",), options, before, after)
