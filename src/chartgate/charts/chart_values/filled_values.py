"""What users put into the empty lists and maps of values.yaml, by the names that such keys usually have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chartgate.charts.chart_values.coalescing import nested, overlay
from chartgate.charts.chart_values.commented_keys import comments_of
from chartgate.charts.chart_values.samples import Rules, all_accepted
from chartgate.documents.addresses import join, steps
from chartgate.documents.walking import leaves
from chartgate.model import Chart, Values

_NODES = {
    "nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [
                {"matchExpressions": [{"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]}]}
            ]
        }
    }
}
_CONTAINERS = [{"name": "filled", "image": "example.com/filled:1.0", "command": ["sleep", "60"]}]
_VARIABLES = [{"name": "FILLED", "value": "chart"}]
FILLED = "filled"
"""What most of what is filled in is called."""
NAMES_OF_OBJECTS = ["filled-one", "filled-two"]
OBJECTS = [
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"filled": "chart"}}
    for name in NAMES_OF_OBJECTS
]
"""What users add beside the objects of the chart: two, of which a template may lose one."""
MOUNTS = [{"name": "filled", "mountPath": "/filled"}]
ARGUMENTS = ["--filled", "1000"]
"""Two, one of which is a number if nothing quotes it."""
_WORDS = {"filled": "chart", "filled-too": "chart"}
"""Two, since the first one may be indented as it should, and the second not."""
_ANNOTATIONS = {"filled": "filled:chart", "filled-too": "filled:chart"}
"""What no label may have for a value, so that it shows where a template prints them."""
_CLAIMS = [
    {
        "metadata": {"name": "filled"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
]
_SPREAD = [{"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway"}]
"""Many charts print the selector of their own pods beside it."""
_NODES_GROUP = "nodes"
"""Lists and maps of pods that charts take as they are; of containers, some take a map by name."""
_SECURITY = "security and resources"
VOLUMES = "volumes"
VARIABLES = "variables"
WORDS, SELECTED, PULLED = "labels and annotations", "labels of selectors", "pull secrets"
"""Groups that are judged in a way of their own."""


TEXTS = [FILLED, f"{FILLED}-too"]
"""What fills a list of texts of which nothing else is known."""
ALL_OF_THEM = ["*"]
"""What means all of them in many lists of names, and is an alias to YAML where nothing quotes it."""
QUOTED_TEXTS = {"FILLED": 'a "filled" \\path', "FILLED_TOO": "filled"}
"""One that is not the same between quotes that a template puts around it by hand, and another behind it."""


@dataclass(frozen=True)
class Filling:
    """What a key of a name holds, and with which others it is filled at a time."""

    group: str
    sample: Any
    names: tuple[str, ...]
    """In small letters."""
    beside: str = ""
    """The key that must be there beside it, so that it is what its name says."""


# Only what has one meaning by its name: a key `sources` may hold anything.
FILLINGS = (
    Filling(VOLUMES, [{"name": "filled", "emptyDir": {}}], ("extravolumes", "additionalvolumes")),
    Filling(VOLUMES, MOUNTS, ("extravolumemounts", "additionalvolumemounts")),
    # `helm create` makes both, beside each other; a chart with `volumes` alone has a form of its own for it.
    Filling(VOLUMES, [{"name": "filled", "emptyDir": {}}], ("volumes",), beside="volumeMounts"),
    Filling(VOLUMES, [{"name": "filled", "mountPath": "/filled"}], ("volumemounts",), beside="volumes"),
    Filling(VOLUMES, _CLAIMS, ("extravolumeclaimtemplates", "additionalvolumeclaimtemplates")),
    Filling(
        "arguments",
        ARGUMENTS,
        ("args", "arguments", "command", "extraargs", "extraarguments", "additionalargs", "additionalarguments"),
    ),
    Filling(VARIABLES, [{"secretRef": {"name": "filled"}}], ("extraenvfrom", "envfrom")),
    Filling(VARIABLES, _VARIABLES, ("extraenv", "extraenvs", "extraenvvars", "additionalenv", "env")),
    Filling(
        "containers",
        _CONTAINERS,
        ("extracontainers", "sidecars", "sidecarcontainers", "extrainitcontainers", "initcontainers"),
    ),
    Filling(
        "objects",
        OBJECTS,
        ("extraobjects", "extramanifests", "extradeploy", "extraresources", "additionalmanifests", "extrak8sobjects"),
    ),
    Filling(_NODES_GROUP, {"kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux"}, ("nodeselector",)),
    Filling(_NODES_GROUP, [{"key": "filled", "operator": "Exists", "effect": "NoSchedule"}], ("tolerations",)),
    Filling(_NODES_GROUP, _NODES, ("affinity",)),
    Filling(_NODES_GROUP, [{"ip": "127.0.0.1", "hostnames": ["filled.example.com"]}], ("hostaliases",)),
    Filling(_NODES_GROUP, _SPREAD, ("topologyspreadconstraints",)),
    Filling(_NODES_GROUP, {"options": [{"name": "ndots", "value": "2"}]}, ("dnsconfig",)),
    Filling(
        WORDS,
        _WORDS,
        (
            *("podlabels", "labels", "commonlabels"),
            *(f"{which}labels" for which in ("extra", "additional", "custom", "service", "deployment")),
        ),
    ),
    Filling(
        WORDS,
        _ANNOTATIONS,
        (
            *("podannotations", "annotations", "commonannotations"),
            *(f"{which}annotations" for which in ("extra", "additional", "custom", "service", "deployment")),
            *(f"{which}annotations" for which in ("serviceaccount", "ingress", "job", "statefulset")),
        ),
    ),
    *(
        Filling("routes", [{"hosts": ["filled.example.com"], "secretName": FILLED}], ("tls",), beside=beside)
        for beside in ("hosts", "host", "hostname")
    ),
    Filling("namespaces", {"matchLabels": _WORDS}, ("namespaceselector",)),
    Filling("scopes", TEXTS, ("namespaces", "watchnamespaces", "watchednamespaces", "targetnamespaces")),
    Filling("budgets", {"minAvailable": 1}, ("poddisruptionbudget", "pdb")),
    # Who sets the one does not want the default of the other, which the API server refuses beside it.
    Filling("budgets", 1, ("minavailable",), beside="maxUnavailable"),
    Filling("budgets", 1, ("maxunavailable",), beside="minAvailable"),
    Filling("fields", 5, ("revisionhistorylimit", "minreadyseconds")),
    Filling("fields", 45, ("terminationgraceperiodseconds",)),
    Filling(
        "fields",
        FILLED,
        (
            *("priorityclassname", "runtimeclassname", "schedulername", "ingressclassname", "storageclassname"),
            *("storageclass", "tlssecret", "tlssecretname"),
        ),
    ),
    Filling("fields", FILLED, ("classname",), beside="hosts"),
    Filling("fields", FILLED, ("classname",), beside="host"),
    Filling(SELECTED, _WORDS, ("selectorlabels", "extraselectorlabels", "additionalselectorlabels", "matchlabels")),
    Filling(PULLED, [{"name": FILLED}], ("imagepullsecrets", "pullsecrets")),
    Filling(_SECURITY, {"fsGroup": 1000}, ("podsecuritycontext",)),
    Filling(
        _SECURITY,
        {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
        ("strategy", "updatestrategy", "deploymentstrategy"),
    ),
    Filling(_SECURITY, {"runAsUser": 1000}, ("securitycontext", "containersecuritycontext")),
    Filling(
        _SECURITY,
        {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "32Mi"}},
        ("resources",),
    ),
)


_OF_BUDGETS = ("minAvailable", "maxUnavailable")
_LEFT_OUT = re.compile(r"\b(?:omit|unset|empty|null|blank|mutually exclusive|only one|not both|either)", re.IGNORECASE)
_OF_RIGHTS = re.compile(r"rbac|role", re.IGNORECASE)
"""Below such a key, extra resources are those of a rule, and no objects."""
OF_ONE_FORM = (_NODES_GROUP, _SECURITY, WORDS)
"""Groups of keys that charts take in the form that Kubernetes has, also where no default shows it."""


def _own_keys(chart: Chart, *above: str) -> Iterator[tuple[str, Any]]:
    """Give every key of values.yaml, and of those subcharts that are not another's archive, with what it has there."""
    yield from ((join(*above, *steps(address)), value) for address, value in leaves(chart.own_values))
    for subchart in chart.subcharts:
        if not subchart.source.endswith(".tgz"):
            yield from _own_keys(subchart, *above, subchart.name)


def is_known_by_name(address: str) -> bool:
    """Tell whether a key's name alone says what it takes; of labels and variables it says less than an example."""
    name = (steps(address) or [""])[-1].lower()
    return any(name in filling.names and filling.group not in (WORDS, VARIABLES) for filling in FILLINGS)


def _says_how_to_leave_out(chart: Chart, path: list[str]) -> bool:
    """Tell whether a comment says by which value users leave out a key, whose default is in the way of another."""
    return _LEFT_OUT.search(comments_of(chart).said_at(path)) is not None


def _wants_a_map(rules: Rules, address: str, values: Values, sample: Any) -> bool:
    """Tell whether a schema refuses the list that a field of Kubernetes is."""
    return rules.accept(values) and not rules.accept(overlay(values, nested({address: sample})))


def _numbered(sample: Any, number: int) -> Any:
    """Give other names to the words of each key, so that two keys which one map takes have none in common."""
    if not number or not isinstance(sample, dict) or not all(isinstance(word, str) for word in sample.values()):
        return sample
    return {f"{name}-{number}": word for name, word in sample.items()}


def fillings(chart: Chart, values: Values) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give, by group, the keys of values.yaml that are empty in these values, each with what fills it.

    What the chart's schema refuses is left out.
    """
    rules, found = Rules(chart), dict(leaves(values))
    groups: dict[str, dict[str, Any]] = {}
    for address, default in _own_keys(chart):
        value = found.get(address, default)  # helm leaves out a key whose default is null
        *above, name = steps(address) or [""]
        for filling in FILLINGS:
            is_named = name.lower() in filling.names or (
                filling.group == WORDS and above[-1:] and above[-1].lower() in filling.names
            )
            is_meant = is_named and (not filling.beside or join(*above, filling.beside) in found)
            if not is_meant:
                continue
            if filling.sample is OBJECTS and _OF_RIGHTS.search(join(*above)):
                continue
            if filling.names == ("maxunavailable",) and not found.get(join(*above, "minAvailable")):
                continue  # of two that are both empty, users take one
            both = ([*above, filling.beside], [*above, name]) if filling.beside in _OF_BUDGETS else ()
            if any(_says_how_to_leave_out(chart, path) for path in both):
                continue
            is_single = not isinstance(filling.sample, list | dict)
            is_empty = value in (None, "", 0) if is_single else value == type(filling.sample)()
            if is_empty and value is not False:
                changes = groups.setdefault(filling.group, {})
                changes[address] = _numbered(filling.sample, len(changes))
            elif filling.group == _NODES_GROUP and value == {} and _wants_a_map(rules, address, values, filling.sample):
                groups.setdefault(filling.group, {})[address] = _WORDS
    # Helm asks the schemas of enabled subcharts only: where the values themselves fail one here, helm is to say.
    is_judged = rules.accept(values)
    for group, changes in groups.items():
        if kept := all_accepted(changes, lambda these: not is_judged or rules.accept(overlay(values, nested(these)))):
            yield group, kept
