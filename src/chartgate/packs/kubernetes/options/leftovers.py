"""Leftovers: what belongs to a part goes with it when the part is switched off."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from chartgate.charts.template_texts.given_objects import gives_objects
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.places import Place
from chartgate.documents.shapes import map_of
from chartgate.documents.walking import nodes, strings
from chartgate.documents.words import listed
from chartgate.kubernetes.links.object_references import references
from chartgate.kubernetes.permissions import BINDINGS
from chartgate.matrix.derivations.switch_turns import SWITCHES, is_on, turned, turned_last
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import added, in_each, of_scenario, put
from chartgate.policy.policy import policy

from ..healthy.release import HEALTHY
from ..networking.services import service_selectors_find_pods
from ..newly import new_findings

_ACCOUNT = "ServiceAccount"
_READ = ("ConfigMap", "Secret", _ACCOUNT)
_MOST, _ALIKE = 4, 3
_TOGETHER, _NAMED = re.compile(r"\{\{-?\s*+if\s++and\b([^{}]*+)"), re.compile(r"\.Values[\w.]++")
_CLAIM = "PersistentVolumeClaim"
_OF_SECTIONS = (
    (("serviceaccount",), ("ServiceAccount",)),
    (("rbac",), ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")),
    (("persistence",), (_CLAIM,)),
    (("ingress",), ("Ingress",)),
    (("networkpolicy",), ("NetworkPolicy",)),
    (("poddisruptionbudget", "pdb"), ("PodDisruptionBudget",)),
    (("autoscaling", "hpa"), ("HorizontalPodAutoscaler",)),
    (("servicemonitor",), ("ServiceMonitor",)),
)
"""How sections are named, in small letters, whose switch is about objects of a kind."""


@policy(
    over=turned,
    severity="warning",
    remediation="Render the object only where the switch is on, as what reads it is.",
)
def what_is_off_leaves_nothing_behind(before: Rendering, after: Rendering) -> Iterator[Check]:
    """A ConfigMap, a Secret or an account that is read with a switch on only is rendered with it on only.

    Two conditions of one part that are not the same: a part that is off leaves its configuration, and its passwords,
    in the cluster. A section that is named after a kind (`serviceAccount.create`, `persistence.enabled`) has fewer of
    it with its switch off, or it is the switch of something else, which goes.
    Source: https://github.com/robjuz/helm-charts/issues/102 and https://github.com/sigstore/helm-charts/issues/1114
    """
    key, _ = turned_last(after.scenario)
    if before.error or after.error or not key:
        return
    off, on = (before, after) if is_on(after.scenario.values, key) else (after, before)
    used, still_used = used_objects(on), used_objects(off)
    # An account that bindings alone name is one for pods that others make.
    running = used_objects(on, but=BINDINGS)
    used = {this for this in used if this[0] != _ACCOUNT or this in running}
    for resource in off.resources:
        this = (resource.kind, resource.name, resource.namespace)
        if resource.kind in _READ and this in used and not gives_objects(off.chart, resource.template):
            is_read = this in still_used or is_named(off, resource.name, but=resource)
            if not is_read and _is_told(resource.template, on, off):
                continue
            expected = f"read, or not rendered, where {key} is false"
            actual = "read" if is_read else "rendered, and nothing refers to it"
            check = states(resource / "metadata" / "name", is_read, expected=expected, actual=actual)
            # An account without rights does no harm: all of them are one. What is left of one switch is another one.
            yield with_cause(check, "accounts" if resource.kind == _ACCOUNT else f"what {key} leaves")
    if off is after:
        yield from _of_the_section(key, off, on)


def _is_told(template: str, on: Rendering, off: Rendering) -> bool:
    """Tell whether a Service of the same template is left without pods, as turned_switches_leave_it_whole tells."""
    found = new_findings((service_selectors_find_pods,), on, off)
    return any(not check.passed and check.template == template for check in found)


def _of_the_section(key: str, off: Rendering, on: Rendering) -> Iterator[Check]:
    """Expect fewer objects of the kind that the section of a switch is named after, once it is off."""
    *above, switch = steps(key) or [key]
    section = above[-1].lower() if above and switch in SWITCHES else ""
    if switch == "enabled" and section and lookup(off.scenario.values, join(*above, "create")) is not ABSENT:
        return  # the other switch makes the object, and this one is for its readers
    kinds = next((kinds for names, kinds in _OF_SECTIONS if section in names), ())
    left, were = ([p for r in rendering.resources for p in _made_of(r, kinds)] for rendering in (off, on))
    there, still = ({r.identity for r in rendering.resources if r.kind not in kinds} for rendering in (on, off))
    # `rbac.create` may as well be about a ConfigMap in which a program has rules of its own.
    is_idle = [r.manifest for r in off.resources] == [r.manifest for r in on.resources]
    if _is_one_of_many(above, off) or (is_idle and _is_asked_for(above, switch, off)):
        left = []  # one part of several, or another condition decides here whether there is the object
    left = [p for p in left if not _has_its_own(p.owner, above, switch, off)]
    passed = len(left) < len(were) or not there <= still
    had = {place.owner.identity for place in were}
    left = sorted(left, key=lambda place: place.owner.identity in had)  # what is there only now says most
    expected = f"fewer of {' and '.join(kinds)} where {key} is false"
    actual = (
        "fewer" if passed else f"still {len(left)}: {listed([place.owner.identity.label for place in left], _MOST)}"
    )
    for place in were[:1] if passed else left:
        yield with_cause(states(place, passed, expected=expected, actual=actual), key)


def _is_one_of_many(section: list[str], off: Rendering) -> bool:
    """Tell whether a section is one of several alike, each a switch: they say for what a program has rights."""
    sections = map_of(lookup(off.scenario.values, join(*section[:-1])) if section[1:] else None)
    alike = [other for other in sections.values() if isinstance(other, dict) and len(other) == 1]
    return len(alike) > _ALIKE


def _is_asked_for(section: list[str], switch: str, off: Rendering) -> bool:
    """Tell whether a template that asks for the switch together with something else renders the object then."""
    texts = (text for template in off.chart.templates.values() for text in _TOGETHER.findall(template))
    return any(f".Values.{join(*section, switch)}" in _NAMED.findall(text) for text in texts)


def _has_its_own(resource: Resource, above: list[str], switch: str, off: Rendering) -> bool:
    """Tell whether parts of the chart have such a switch of their own, and a template asks for no other one."""
    text = off.chart.own_template(resource.template)
    ends = [keys for keys, _ in nodes(off.scenario.values, lists=False) if keys[-2:] == (*above[-1:], switch)]
    return len(ends) > 1 and f".Values.{join(*above)}.{switch}" not in text


def _made_of(resource: Resource, kinds: tuple[str, ...]) -> Iterator[Place[Resource]]:
    if resource.kind in kinds:
        yield resource / "metadata" / "name"
    if _CLAIM in kinds:
        yield from (resource / "spec" / "volumeClaimTemplates").maps()


def used_objects(rendering: Rendering, *, but: Collection[str] = ()) -> set[tuple[str, str, str]]:
    """Give the kind, name and namespace of all that something refers to, but for what is of some kinds."""
    return {used for resource in rendering.resources if resource.kind not in but for used in resource.made(_used_by)}


def _used_by(resource: Resource) -> list[tuple[str, str, str]]:
    return [(reference.kind, reference.name, reference.namespace) for reference in references(resource)]


def is_named(rendering: Rendering, name: str, *, but: Resource) -> bool:
    """Tell whether something names it in a field of its own: a text of another object."""
    others = (other for other in rendering.resources if other.identity != but.identity)
    return any(name == text for other in others for _, text in strings(other.manifest))


what_is_off_leaves_nothing_behind.breaks(
    manifests=HEALTHY,
    its_configuration_is_left=(
        in_each(added("{apiVersion: v1, kind: ConfigMap, metadata: {name: spare}}")),
        put("Deployment web", "spec.template.spec.containers[web].envFrom", [{"configMapRef": {"name": "spare"}}]),
        of_scenario(changes={"web.enabled": True}, values={"web": {"enabled": True}}, is_trial=True),
    ),
    the_account_is_made_all_the_same=(
        in_each(added("{apiVersion: v1, kind: ServiceAccount, metadata: {name: spare}}")),
        of_scenario(changes={"serviceAccount.create": False}, values={"serviceAccount": {"create": False}}),
    ),
)
