"""Stored data: what ConfigMaps, Secrets and the metadata of all objects hold is what the API server stores."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT
from chartgate.documents.json_documents.json_text import load_json
from chartgate.documents.places import Place
from chartgate.documents.secret_texts.writings import PLACEHOLDER
from chartgate.errors import InputError
from chartgate.kubernetes.contents import decoded, stored
from chartgate.kubernetes.validity.bundled_schemas import bundled_versions, is_known, misfits
from chartgate.kubernetes.validity.name_rules import QUALIFIED, SUBDOMAIN
from chartgate.kubernetes.validity.name_rules import fits as follows
from chartgate.model import Check, Resource
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import each

from .schema import fits as schema_checks

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, finalizers: [example.com/guard, orphan]}
data: {colour: red, empty: ""}
binaryData: {logo.png: aGVsbG8=}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: bare, annotations: {note: null}}, data: null}
---
apiVersion: v1
kind: Secret
metadata: {name: certificate}
type: kubernetes.io/tls
data: {tls.crt: ""}
stringData: {tls.key: ""}
---
apiVersion: v1
kind: Secret
metadata: {name: registry}
type: kubernetes.io/dockerconfigjson
data: {.dockerconfigjson: eyJhdXRocyI6IHt9fQ==}
---
apiVersion: v1
kind: Secret
metadata: {name: old-registry}
type: kubernetes.io/dockercfg
stringData: {.dockercfg: "<path:vault#registry>"}
---
{apiVersion: v1, kind: Secret, metadata: {name: login}, type: kubernetes.io/basic-auth, stringData: {username: ""}}
---
{apiVersion: v1, kind: Secret, metadata: {name: key}, type: kubernetes.io/ssh-auth, data: {ssh-privatekey: aGVsbG8=}}
---
apiVersion: v1
kind: Secret
metadata: {name: token, annotations: {kubernetes.io/service-account.name: web}}
type: kubernetes.io/service-account-token
---
apiVersion: v1
kind: Secret
metadata: {name: other}
type: example.com/own
data: {colour: cmVk}
stringData: {colour: blue}
---
{apiVersion: example.com/v1, kind: Widget, metadata: {name: one, labels: {app: web, bare: null}}}
"""
_LARGEST_DATA = 1024 * 1024
_LARGEST_ANNOTATIONS = 256 * 1024
_DOCKER = {"kubernetes.io/dockercfg": ".dockercfg", "kubernetes.io/dockerconfigjson": ".dockerconfigjson"}
_ACCOUNT = "kubernetes.io/service-account.name"


@policy(
    judges=each("ConfigMap", "Secret"),
    severity="error",
    remediation="Keep text in `data`, and what is none in `binaryData`; print a value with `quote`, or leave its key"
    " out where there is none; split what is too large, or mount it from an image or a volume.",
)
def stored_data_is_accepted(resource: Resource) -> Iterator[Check]:
    """A ConfigMap or a Secret holds at most 1 MiB, all its values together, each under a key of its own, and no null.

    The API server refuses a key that is both in `data` and in `binaryData`. A null, a warning, is what a template
    prints of a value that is not set: older versions of kubectl and helm refuse it, and of newer ones a container gets
    an empty text. Sources: https://github.com/kiwigrid/helm-charts/pull/401, MaxSecretSize in
    https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/apis/core/types.go, and ValidateConfigMap in
    https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/apis/core/validation/validation.go
    """
    size = sum(map(len, _values(resource).values()))
    expected = f"at most {_LARGEST_DATA} bytes"
    yield states(resource / "data", size <= _LARGEST_DATA, expected=expected, actual=f"{size} bytes")
    texts = (resource / "data").map
    for key, place in (resource / "binaryData").entries() if resource.kind == "ConfigMap" else ():
        actual = "in both" if key in texts else "it is"
        yield states(place, key not in texts, expected="in one of data and binaryData", actual=actual)
    for _, _, place in stored(resource):
        yield states(place, place.value is not None, expected="a text", actual="null", severity="warning")


stored_data_is_accepted.breaks(
    manifests=HEALTHY,
    too_much_text=put("ConfigMap settings", "data.colour", "r" * _LARGEST_DATA),
    too_many_bytes_of_few_letters=put("ConfigMap settings", "data.colour", "\u00e4" * (_LARGEST_DATA // 2)),
    too_many_encoded_bytes=put("Secret other", "data.picture", "AAAA" * (_LARGEST_DATA // 3 + 1)),
    data_and_string_data_together=put("Secret key", "stringData.note", "r" * _LARGEST_DATA),
    a_key_is_in_both=put("ConfigMap settings", "binaryData.colour", "cmVk"),
    it_is_null=put("ConfigMap settings", "data.colour", None),
)


@policy(
    judges=each("Secret"),
    severity="error",
    remediation="Give the Secret the keys that its type demands, or the type Opaque.",
)
def secrets_hold_what_their_type_demands(secret: Resource) -> Iterator[Check]:
    """A Secret of a type of Kubernetes has the keys of that type, a registry's login as a JSON object.

    The API server refuses it otherwise. What a placeholder will be replaced by is not judged.
    Sources: ValidateSecret in
    https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/apis/core/validation/validation.go, and
    https://kubernetes.io/docs/concepts/configuration/secret/#secret-types
    """
    problems = list(_problems(secret))
    for place, expected, actual in problems:
        yield states(place, False, expected=expected, actual=actual)
    if not problems:
        yield states(secret / "type", True, expected="the keys of its type", actual="they are there")


secrets_hold_what_their_type_demands.breaks(
    manifests=HEALTHY,
    a_certificate_without_its_key=put("Secret certificate", "stringData", {"key.pem": "text"}),
    a_key_without_its_certificate=put("Secret certificate", "data", None),
    a_registry_under_the_old_key=put("Secret registry", "data", {".dockercfg": "e30="}),
    a_login_that_is_no_json=put("Secret registry", "data", {".dockerconfigjson": "aGVsbG8="}),
    a_login_that_is_a_list=put("Secret registry", "data", {".dockerconfigjson": "W10="}),
    an_empty_login=put("Secret old-registry", "stringData", {".dockercfg": ""}),
    neither_username_nor_password=put("Secret login", "stringData", {"user": "web"}),
    an_empty_private_key=put("Secret key", "data", {"ssh-privatekey": ""}),
    a_token_of_nobody=put("Secret token", "metadata.annotations", {}),
)


@policy(
    judges=each(),
    severity="error",
    remediation="Move what is large into a ConfigMap, and name a finalizer `domain/name`.",
)
def metadata_is_accepted(resource: Resource) -> Iterator[Check]:
    """The metadata of an object has the form that all kinds have, its annotations at most 256 KiB together.

    Finalizers are qualified names. Of a kind of Kubernetes, the form is judged with the rest of its schema.
    Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go
    """
    annotations = resource / "metadata" / "annotations"
    size = sum(_length(key) + _length(place.text) for key, place in annotations.entries())
    expected = f"at most {_LARGEST_ANNOTATIONS} bytes"
    yield states(annotations, size <= _LARGEST_ANNOTATIONS, expected=expected, actual=f"{size} bytes")
    if not is_known(str(resource.manifest.get("apiVersion")), resource.kind, bundled_versions()[-1]):
        # Whatever a kind of one's own says of itself, its metadata is that of any other.
        like = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": resource.manifest.get("metadata")}
        errors = misfits(like, bundled_versions()[-1])
        yield from schema_checks(resource.place(), errors, "the metadata of any object")
    for finalizer in (resource / "metadata" / "finalizers").texts():
        prefix, slash, name = finalizer.text.rpartition("/")
        passed = follows(name, QUALIFIED) and (not slash or follows(prefix, SUBDOMAIN))
        yield states(finalizer, passed, expected="a name, and perhaps a domain and `/` in front of it")


metadata_is_accepted.breaks(
    manifests=HEALTHY,
    annotations_are_too_long=put("ConfigMap settings", "metadata.annotations.note", "r" * _LARGEST_ANNOTATIONS),
    a_finalizer_with_a_space=put("ConfigMap settings", "metadata.finalizers", ["example.com/a guard"]),
    a_finalizer_with_two_slashes=put("ConfigMap settings", "metadata.finalizers", ["example.com/a/guard"]),
    labels_of_a_kind_of_its_own_are_a_list=put("Widget one", "metadata.labels", ["web"]),
    a_label_of_a_kind_of_its_own_is_a_number=put("Widget one", "metadata.labels.size", 1),
    an_empty_finalizer=put("ConfigMap settings", "metadata.finalizers", [""]),
)


def _length(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _values(resource: Resource) -> dict[str, bytes]:
    """Give what is stored by key; nothing for what is no text, or not base64, which its schema refuses."""
    is_secret = resource.kind == "Secret"
    encoded, plain = ("data", "stringData") if is_secret else ("binaryData", "data")
    found: dict[str, bytes] = {}
    for key, place in (resource / encoded).entries():
        try:
            found[key] = decoded(place.text)
        except ValueError:
            found[key] = b""
    for key, place in (resource / plain).entries():
        found[key] = place.text.encode("utf-8", "surrogatepass")
    return found


def _problems(secret: Resource) -> Iterator[tuple[Place[Resource], str, object]]:
    kind, values = (secret / "type").text, _values(secret)
    data = secret / "data"
    if kind in _DOCKER:
        key = _DOCKER[kind]
        if key not in values:
            yield data / key, f"there, as the type {kind} demands", ABSENT
        elif not _is_json_object(values[key]):
            place = secret / "stringData" / key
            yield place if place.is_there else data / key, "a JSON object", "something else"
    elif kind == "kubernetes.io/basic-auth":
        if not {"username", "password"} & set(values):
            yield data, "a username or a password", "neither"
    elif kind == "kubernetes.io/ssh-auth":
        if not values.get("ssh-privatekey"):
            yield data / "ssh-privatekey", "a private key", "nothing"
    elif kind == "kubernetes.io/tls":
        for key in ("tls.crt", "tls.key"):
            if key not in values:
                yield data / key, f"there, as the type {kind} demands", ABSENT
    elif kind == "kubernetes.io/service-account-token":
        name = secret / "metadata" / "annotations" / _ACCOUNT
        if not name.text:
            yield name, "the name of a ServiceAccount", name.value


def _is_json_object(content: bytes) -> bool:
    """Tell whether Go's parser takes it for a map: an object, or null."""
    try:
        text = content.decode("utf-8")
        return bool(PLACEHOLDER.search(text)) or isinstance(load_json(text, ""), dict | None)
    except (UnicodeDecodeError, InputError):
        return False
