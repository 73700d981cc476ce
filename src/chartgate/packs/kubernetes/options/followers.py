"""Followers: what an override changes in most objects of a chart, it changes in all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chartgate.charts.template_texts.given_objects import gives_objects
from chartgate.charts.template_texts.key_readers import all_uses, paths_behind
from chartgate.documents.addresses import join, lookup, steps
from chartgate.documents.places import Place
from chartgate.documents.walking import leaves, scalars
from chartgate.kubernetes.changes.lifecycle import is_test
from chartgate.kubernetes.contents import readable_texts
from chartgate.matrix.derivations.user_values import (
    CHOSEN_DOMAIN,
    CHOSEN_NAME,
    CHOSEN_NAMESPACE,
    LONG_NAME,
    with_other_names,
    with_other_places,
)
from chartgate.model import Chart, Check, Rendering, Resource, Scenario
from chartgate.policy.checks import chart_states, states, with_cause
from chartgate.policy.edits import Edit, in_each, of_scenario, put
from chartgate.policy.policy import policy

_HOST = re.compile(r"[\w.-]++")
_IN_NAMESPACE = re.compile(r"\{\{[\s$-]*+\.Release\.Namespace[\s-]*+\}\}")
"""What templates in values write for the namespace of the release."""
HEALTHY = """---
# Source: literal/templates/all.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: chosen-by-user-settings, namespace: chosen-namespace}
data: {url: "http://data.prod.svc.chosen.example:80", other: "http://api.prod.svc.chosen.example"}
---
# Source: literal/templates/all.yaml
apiVersion: v1
kind: Service
metadata: {name: chosen-by-user, namespace: chosen-namespace}
---
# Source: literal/templates/all.yaml
apiVersion: v1
kind: Secret
metadata: {name: chosen-by-user-login, namespace: chosen-namespace}
"""


def overridden(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair the fullest scenario with those in which a name, the namespace or the cluster's domain is overridden."""
    yield from with_other_names(scenarios)
    yield from with_other_places(scenarios)


@policy(
    over=overridden,
    severity="warning",
    remediation="Use the same named template there as in the other objects.",
)
def overrides_reach_every_object(before: Rendering, after: Rendering) -> Iterator[Check]:
    """What a name override, a namespace override or the cluster's domain changes in most objects, it changes in all.

    One object that writes `.Release.Name`, `.Release.Namespace` or `cluster.local` itself is right until somebody sets
    the override: then it has a name that nobody expects, is in another namespace than its readers, or asks for a host
    that is not there. An override that changes no name at all is read in vain. Only of the chart's own templates; not
    the objects of tests, namespaces, nor what values name. A name that a reference no longer finds is an error of
    another policy. Source:
    https://helm.sh/docs/chart_template_guide/named_templates/ and
    https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
    """
    if before.error or after.error:
        return
    own = [r for r in after.resources if r.template.startswith(f"{after.chart.name}/templates/")]
    judged = [r for r in own if not (r.kind == "Namespace" or is_test(r) or gives_objects(after.chart, r.template))]
    written = set(scalars(before.scenario.values))
    for key, value in after.scenario.changes.items():
        if value in (CHOSEN_NAME, LONG_NAME):
            old = [before.scenario.release] if value == LONG_NAME else [before.scenario.release, before.chart.name]
            names = [resource / "metadata" / "name" for resource in judged if resource.name not in written]
            parts = [steps(address)[-2] for address, _ in leaves(after.chart.own_values) if address.endswith(f".{key}")]
            kept = [place for place in names if value not in place.text and _has_all(place.text, old)]
            kept = [place for place in kept if not any(part in place.text for part in parts)]  # which have their own
            following = [place for place in names if value in place.text]
            yield from _followed(key, following, kept, "names")
            if kept and not following and key in after.chart.own_values and _names_objects(key, after.chart):
                actual = f"changes none, as {kept[0].text}"
                yield chart_states("values.yaml", key, expected="changes names", actual=actual)
        elif value == CHOSEN_NAMESPACE:
            places = [resource / "metadata" / "namespace" for resource in judged if resource.namespace]
            kept = [p for p in places if p.owner.namespace == before.scenario.namespace and p.text not in written]
            yield from _followed(key, [place for place in places if place.text == value], kept, "namespaces")
        elif value == CHOSEN_DOMAIN:
            yield from _domains(key, judged, before)


def _names_objects(key: str, chart: Chart) -> bool:
    """Tell whether an override is meant for names: one of the full name, or one that the template of it reads."""
    texts = (block.partition('"') for text in chart.templates.values() for block in text.split('define "')[1:])
    is_in_it = any(name.endswith("fullname") and f".Values.{key}" in text for name, _, text in texts)
    return is_in_it and (key,) in paths_behind(
        [f"{chart.name}/{file}" for file in chart.templates], [*all_uses(chart)], chart
    )


def _followed(
    key: str, following: Sequence[Place[Resource]], kept: Sequence[Place[Resource]], cause: str
) -> Iterator[Check]:
    if len(following) >= len(kept):
        for place in following:
            yield states(place, True, expected=f"by {key}", actual="so it is")
        others = ", ".join(place.owner.identity.label for place in following[:3])
        for place in kept:
            check = states(place, False, expected=f"by {key}, as {others}", actual=place.text or "none")
            yield with_cause(check, cause)


def _has_all(name: str, words: Sequence[str]) -> bool:
    """Tell whether a name has all of these as parts of its own."""
    parts = f"-{name}-".replace(".", "-")
    return all(f"-{word}-".replace(".", "-") in parts for word in words)


def _domains(key: str, judged: Sequence[Resource], before: Rendering) -> Iterator[Check]:
    old = lookup(before.scenario.values, key)
    domain = old.strip(".") if isinstance(old, str) and old.strip(".") else "cluster.local"
    endings = (f".svc.{domain}", ".svc.cluster.local")
    written = _IN_NAMESPACE.sub(before.scenario.namespace, "\n".join(scalars(before.scenario.values)))
    following: list[Place[Resource]] = []
    kept: list[tuple[Place[Resource], str]] = []
    for resource in judged:
        for keys, text in readable_texts(resource):
            place = resource.place(join(*keys))
            if CHOSEN_DOMAIN in text:
                following.append(place)
            hosts = sorted({word.rstrip(".") for word in _HOST.findall(text)})
            kept += ((place, host) for host in hosts if host.endswith(endings) and host not in written)
    for place in following:
        yield states(place, True, expected=f"by {key}", actual="so it is")
    for place, found in kept if following else ():
        expected = f"a host in the domain that {key} names, as in {following[0].owner.identity.label}"
        yield states(place, False, expected=expected, actual=found, severity="error")


def _overridden(edit: Edit, **changes: str) -> tuple[Edit, ...]:
    """Give an edit of what an override makes of a scenario."""
    return (
        edit,
        in_each(of_scenario(release="rel", namespace="prod", values={})),
        of_scenario(changes=changes, values=changes, is_trial=True),
    )


overrides_reach_every_object.breaks(
    manifests=HEALTHY,
    one_is_named_after_the_release=_overridden(
        put("Secret chosen-by-user-login", "metadata.name", "rel-literal-login"), nameOverride=CHOSEN_NAME
    ),
    one_is_in_the_namespace_of_the_release=_overridden(
        put("Secret chosen-by-user-login", "metadata.namespace", "prod"), namespaceOverride=CHOSEN_NAMESPACE
    ),
    one_host_is_in_the_usual_domain=_overridden(
        put("ConfigMap chosen-by-user-settings", "data.url", "http://data.prod.svc.cluster.local:80"),
        clusterDomain=CHOSEN_DOMAIN,
    ),
)
