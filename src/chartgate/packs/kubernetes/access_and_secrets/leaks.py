"""Leaks: what the values put into a Secret, whatever its key in the values is called, is nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from chartgate.charts.chart_values.secret_values import secret_places
from chartgate.charts.template_texts.marks import mark_of, marks_written, unmarked, written_marks
from chartgate.documents.addresses import ABSENT, join, steps
from chartgate.documents.places import Place
from chartgate.documents.secret_texts.inner_secrets import secrets_inside
from chartgate.documents.secret_texts.secret_names import is_secret_name
from chartgate.documents.walking import strings
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.kubernetes.contents import readable_texts
from chartgate.matrix.derivations.marked_values import marked_cases, marks_of, narrowed, told_of
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import states
from chartgate.policy.edits import Edit, of_scenario, put
from chartgate.policy.policy import policy

from .secrets import referred_to

HEALTHY = """
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {password: one, licence: two, url: "postgresql://shop:three@data:5432/shop", host: four}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {colour: red}}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: example.com/web:1.0
      args: [--verbose]
"""
_CONTENT = ("data", "stringData")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_ORDINARY_WORDS = (
    "host hosts hostname port ports user users username database db dbname name names region namespace endpoint url uri"
    " bucket email mail from to domain path dir file level mode type kind server servers address addr scheme protocol"
    " issuer realm provider schema locale timezone tz version id zone account org organization team project tenant"
    " channel prefix suffix driver dialect group role cluster service registry image tag log enabled ttl interval"
    " timeout size count format title description label cert crt ca certificate class client proxy origin origins"
    " audience scope scopes index topic queue vhost engine language theme env environment stage context repository"
    " branch config configuration settings conf ini yaml yml json properties toml xml args ssl tls sslmode admin login"
    " bind listen retention storage backend method algorithm hosted external internal base public"
)
_ORDINARY = frozenset(_ORDINARY_WORDS.split())
"""Words that end the names of what is in Secrets beside the secret, and is none itself."""


class _Destination(NamedTuple):
    """Where in a Secret a value goes."""

    secret: Resource
    key: str
    is_credential: bool
    """Whether the Secret says that the value is secret: by the name of its key there, or as a password in a URL."""
    is_alone: bool
    """Whether the key of the Secret holds the value and nothing else."""


def _destinations(rendering: Rendering) -> Iterator[tuple[str, _Destination]]:
    """Give the marks that reach a Secret, and where in it."""
    for secret in rendering.resources.of_kind("Secret"):
        for keys, text in readable_texts(secret):
            if len(keys) == 2 and keys[0] in _CONTENT and text != keys[1]:
                inside = {mark for found in secrets_inside(text) for mark, _ in written_marks(found)}
                inside |= set(_named_inside(text))
                for mark in {mark for mark, writing in written_marks(text) if not writing}:
                    is_alone = _is_whole(text)
                    is_credential = mark in inside or (is_alone and is_secret_name(keys[1]))
                    yield mark, _Destination(secret, keys[1], is_credential, is_alone)


def _is_whole(text: str) -> bool:
    """Tell whether a text is one value: a word with one mark."""
    return len(text.split()) == 1 and len(list(written_marks(text))) == 1 and not text.startswith(("{", "["))


def _named_inside(text: str) -> Iterator[str]:
    """Give the marks in a document inside of a text that are below a key called like a secret."""
    if "\n" not in text and not text.startswith("{"):
        return
    try:
        document = go_yaml.load(text, "")
    except InputError:
        return
    if isinstance(document, dict | list):
        for keys, found in strings(document):
            if keys and is_secret_name(keys[-1]) and found != keys[-1] and _is_whole(found):
                yield from (mark for mark, _ in written_marks(found))


class _Leak(NamedTuple):
    """A value that a Secret holds, and another place where it is."""

    address: str
    into: _Destination
    place: Place[Resource]
    writing: str

    def check(self) -> Check:
        """Say that it is not to be there."""
        key = f"{self.into.key} of Secret {unmarked(self.into.secret.name)}"
        where = self.writing or "as it is"
        return states(
            self.place,
            False,
            expected=f"no {self.address}, which is {key}",
            actual=f"the value of {self.address}, {where}",
        )


def _leaks(rendering: Rendering, *, credentials: bool) -> Iterator[_Leak]:
    """Give the values of a marked scenario that a Secret holds and something else shows; not what names an object.

    What is known as a secret by its name or its mark in the schema, the canaries are for.
    """
    known = marks_of(rendering)
    secret = {join(*place.keys) for place in secret_places(rendering.chart, rendering.scenario.values)}
    named = {mark for text in _names(rendering) for mark, _ in written_marks(text)}
    found: dict[str, list[_Destination]] = {}
    for mark, into in _destinations(rendering):
        if mark in known and known[mark] not in secret and mark not in named:
            found.setdefault(mark, []).append(into)
    sought: dict[str, _Destination] = {}
    for mark, destinations in found.items():
        telling = [into for into in destinations if into.is_credential and not _is_of_a_user(known[mark])]
        if not credentials:
            is_word = not telling and not mark.isdecimal()
            telling = [into for into in destinations if is_word and _is_unusual(into, known[mark])]
        if telling:
            sought[mark] = telling[0]
    for resource in rendering.forms if sought else ():
        if resource.kind != "Secret":
            for keys, mark, writing in resource.made(marks_written):
                if mark in sought:
                    yield _Leak(known[mark], sought[mark], Place(resource, join(*keys), ABSENT), writing)


def _names(rendering: Rendering) -> Iterator[str]:
    yield from referred_to(rendering)
    yield from (resource.name for resource in rendering.resources)


def _is_unusual(into: _Destination, address: str) -> bool:
    """Tell whether a value is alone under its key of a Secret, and nothing says that it is an ordinary one."""
    words = [_WORD.findall(name)[-1:] for name in (into.key, _last(address))]
    return into.is_alone and not any(
        word.lower().endswith("directory") or word.lower() in _ORDINARY for last in words for word in last
    )


def _is_of_a_user(address: str) -> bool:
    """Tell whether a value is the name of somebody, whatever the key of a Secret that has a password beside it."""
    return {word.lower() for word in _WORD.findall(_last(address))[-1:]} <= {"user", "username", "login"}


def _last(address: str) -> str:
    return next((key for key in reversed(steps(address)) if not key.isdecimal()), "")


def _judged(renderings: tuple[Rendering, ...], *, credentials: bool) -> Iterator[Check]:
    base = renderings[0]
    seen: set[tuple[str, str, str]] = set()
    for rendering in renderings[1:]:
        if rendering.error:
            continue
        leaks = list(_leaks(rendering, credentials=credentials))
        for leak in leaks:
            key = (str(leak.place.owner.identity), leak.place.address, leak.address)
            if key not in seen:
                seen.add(key)
                yield told_of(base, leak.check())
        for secret in rendering.resources.of_kind("Secret") if not leaks else ():
            yield told_of(base, states(secret.place(), True, expected="nothing of it is elsewhere"))


_REMEDY = "Let the container read it from the Secret, by secretKeyRef, envFrom or a volume, and take it from elsewhere."


@policy(over=marked_cases, explores=narrowed, severity="error", remediation=_REMEDY)
def credentials_in_secrets_are_nowhere_else(*renderings: Rendering) -> Iterator[Check]:
    """A value that a Secret holds as a password, a token or a key is not in another object, plain or in base64.

    What is secret is told by where it goes, under whatever key the values have it: a Secret's key that is called like
    one, such a key of a document inside of a Secret, the password of a URL. Shown by marks under all texts of the
    values. Source: https://kubernetes.io/docs/concepts/configuration/secret/#alternatives-to-secrets
    """
    yield from _judged(renderings, credentials=True)


@policy(over=marked_cases, explores=narrowed, severity="warning", remediation=_REMEDY)
def contents_of_secrets_are_nowhere_else(*renderings: Rendering) -> Iterator[Check]:
    """A value that is all of a Secret's key is not in another object as well, unless it is an ordinary one by its name.

    Whoever put it into a Secret took it for one. Host and user names, ports, names of databases and the like are in
    Secrets for convenience, and may be elsewhere. Source:
    https://kubernetes.io/docs/concepts/configuration/secret/#alternatives-to-secrets
    """
    yield from _judged(renderings, credentials=False)


def _marked(of: str, *edits: Edit) -> tuple[Edit, ...]:
    """Give edits, and the scenario that plants the mark in the place of one value."""
    return (*edits, of_scenario(name="literal.marked", values={of: mark_of(of)}, is_trial=True))


_PASSWORD, _LICENCE = mark_of("pw"), mark_of("licence")
credentials_in_secrets_are_nowhere_else.breaks(
    manifests=HEALTHY,
    an_argument_has_what_a_secret_calls_password=_marked(
        "pw",
        put("Secret login", "stringData.password", _PASSWORD),
        put("Pod web", "spec.containers[web].args", [f"--pw={_PASSWORD}"]),
    ),
    a_config_map_has_the_password_of_a_url=_marked(
        "pw",
        put("Secret login", "stringData.url", f"postgresql://shop:{_PASSWORD}@data:5432/shop"),
        put("ConfigMap settings", "data.colour", f"x {_PASSWORD}"),
    ),
)
contents_of_secrets_are_nowhere_else.breaks(
    manifests=HEALTHY,
    an_annotation_has_the_licence=_marked(
        "licence",
        put("Secret login", "stringData.licence", _LICENCE),
        put("Pod web", "metadata.annotations.licence", _LICENCE),
    ),
)
