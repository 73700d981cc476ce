"""A project with a gate, and what a pull request may change of it: with what it is told as, or with nothing."""

from __future__ import annotations

CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "chart/values.yaml": "cache: {enabled: false}\nreplicas: 1\nmode: plain\nextra: {}\n",
    "chart/ci/large-values.yaml": "replicas: 5\n",
    "chart/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
}
EXTERNAL = "external:\n- {kind: Secret, name: login, keys: [user], reason: made by hand}\n"
MATRIX = """\
chart: ../chart
release: shop
namespace: shop
kube_version: 1.36.0
api_versions: [monitoring.coreos.com/v1]
toggles: {cache: cache.enabled}
axes:
  size: {small: {}, large: {values: {replicas: 3}}}
  form: {plain: {}, odd: {values: {mode: odd}}}
exclude:
- {together: {size: large, form: odd}, reason: slow}
ci_files: true
snapshots: {in_full: {"off": null, all_on: "off"}, after_hooks: [all_on]}
scenarios:
  busy: {values: {replicas: 9}}
refusals:
  negative: {values: {replicas: -1}, stderr: [replicas, negative]}
external:
- {kind: Secret, name: login, keys: [user], reason: made by hand}
schemas: {unjudged: {example.com/v1 Widget: no schema}}
nothing_to_examine: {probes_are_there: no pods}
waivers:
- {policy: images_are_pinned, resource: Deployment shop/*, reason: later, owner: shop, expires: 2027-01-31}
"""
SETTINGS = """\
matrix = "tests/matrix.yaml"
fail_on = "warning"
pod_security = "restricted"
guard_packs = true
disable = {no_dead_values = "generated"}

[severity]
images_are_pinned = {to = "error", reason = "mirrored"}
"""
BASELINE = """\
format: 1
chart: shop
findings:
- {fingerprint: probes_are_there Deployment web, severity: warning, since: 2026-01-01}
"""
ACCEPTED = "- {fingerprint: it_is_red Pod a, severity: error, since: 2026-01-01}\n"
POLICIES = '''\
"""Ours."""
from chartgate.policy.policy import policy


def _each(rendering):
    yield from (rendering.one, rendering.two)


@policy(severity="error", remediation="mend it")
def it_is_small(rendering):
    """Small."""
    yield rendering.size
    yield from _each(rendering)


it_is_small.breaks("busy", it_grows=1, it_grows_more=2)


@policy(severity="error", remediation="mend it")
def it_is_red(rendering):
    """Red."""
    yield rendering.colour


@it_is_red.counterexample("busy")
def it_is_blue(rendering):
    return rendering
'''
FILES = CHART | {
    "tests/matrix.yaml": MATRIX,
    "chartgate.toml": SETTINGS,
    "chartgate-baseline.yaml": BASELINE,
    "policies/__init__.py": "",
    "policies/ours.py": POLICIES,
}


def edited(file: str, old: str, new: str) -> dict[str, str]:
    assert FILES[file].count(old) == 1, old
    return {file: FILES[file].replace(old, new)}


def of_matrix(old: str, new: str) -> dict[str, str]:
    return edited("tests/matrix.yaml", old, new)


def of_settings(old: str, new: str) -> dict[str, str]:
    return edited("chartgate.toml", old, new)


def of_policies(old: str, new: str) -> dict[str, str]:
    return edited("policies/ours.py", old, new)


WAIVER = "waivers:\n- {policy: it_is_red, path: '*', reason: no time, owner: me, expires: 2026-12-24}\n"
OF_MATRIX = "tests/matrix.yaml"
AN_ERROR = "one more accepted finding, of the severity error"
WEAKER: dict[str, tuple[dict[str, str], tuple[str, str, str]]] = {
    "a waiver": (
        of_matrix("waivers:\n", WAIVER),
        (OF_MATRIX, "waivers.it_is_red", "a new waiver, of any object until 2026-12-24: no time (me)"),
    ),
    "a wider waiver": (
        of_matrix("Deployment shop/*", "Deployment */*"),
        (OF_MATRIX, "waivers.images_are_pinned", "a new waiver, of Deployment */* until 2027-01-31: later (shop)"),
    ),
    "a longer waiver": (
        of_matrix("2027-01-31", "2027-12-31"),
        (OF_MATRIX, "waivers.images_are_pinned", "a waiver lasts longer: later (shop)"),
    ),
    "a wide waiver of a risk": (
        of_matrix("waivers:\n", WAIVER.replace("policy: it_is_red", "risk: image")),
        (OF_MATRIX, "waivers.image", "a new waiver, of any object until 2026-12-24: no time (me)"),
    ),
    "a toggle": (
        of_matrix("toggles: {cache: cache.enabled}\n", ""),
        (OF_MATRIX, "toggles.cache", "this switch is no longer judged on and off, with all others"),
    ),
    "a value of an axis": (
        {
            OF_MATRIX: MATRIX.replace("odd: {values: {mode: odd}}", "even: {values: {mode: even}}").replace(
                "form: odd", "form: even"
            )
        },
        (OF_MATRIX, "axes.form.odd", "nothing is judged with this value of the axis"),
    ),
    "an exclusion": (
        of_matrix("exclude:\n", "exclude:\n- {together: {size: small, form: odd}, reason: slow}\n"),
        (OF_MATRIX, "exclude", "form=odd and size=small are no longer judged together"),
    ),
    "a snapshot": (
        of_matrix(', all_on: "off"}', "}"),
        (OF_MATRIX, "snapshots.in_full.all_on", "no snapshot of this scenario is compared"),
    ),
    "a snapshot of hooks": (
        of_matrix(", after_hooks: [all_on]}", "}"),
        (OF_MATRIX, "snapshots.after_hooks.all_on", "no snapshot of what the hooks make of this scenario is compared"),
    ),
    "no rows": (
        of_matrix("ci_files", "pairwise: {}\nci_files"),
        (OF_MATRIX, "pairwise", "the values of the axes are no longer combined"),
    ),
    "the ci files": (
        of_matrix("ci_files: true\n", ""),
        (OF_MATRIX, "ci_files.large", "the chart's values file is no longer judged"),
    ),
    "a scenario": (
        of_matrix("  busy: {values: {replicas: 9}}", "  calm: {values: {replicas: 1}}"),
        (OF_MATRIX, "scenarios.busy", "this scenario is no longer judged"),
    ),
    "an empty scenario": (
        of_matrix("busy: {values: {replicas: 9}}", "busy: {}"),
        (OF_MATRIX, "scenarios.busy", "this scenario sets nothing any longer"),
    ),
    "a refusal": (
        of_matrix("refusals:\n  negative: {values: {replicas: -1}, stderr: [replicas, negative]}\n", ""),
        (OF_MATRIX, "refusals.negative", "helm need no longer refuse this"),
    ),
    "the words of a refusal": (
        of_matrix("stderr: [replicas, negative]", "stderr: [replicas]"),
        (OF_MATRIX, "refusals.negative.stderr", "helm may refuse this in other words"),
    ),
    "an external": (
        of_matrix("external:\n", "external:\n- {kind: Secret, name: other, reason: made by hand}\n"),
        (OF_MATRIX, "external[Secret other]", "nobody looks any longer whether it is there: made by hand"),
    ),
    "an external of any key": (
        of_matrix("keys: [user], ", ""),
        (OF_MATRIX, "external[Secret login]", "more is taken for granted of it: any keys"),
    ),
    "a key of an external": (
        of_matrix("keys: [user]", "keys: [user, password]"),
        (OF_MATRIX, "external[Secret login]", "more is taken for granted of it: keys password"),
    ),
    "a kind without schema": (
        of_matrix("Widget: no schema", "Widget: no schema, example.com/v1 Gadget: no time"),
        (OF_MATRIX, "schemas.unjudged[example.com/v1 Gadget]", "objects of this kind fit no schema: no time"),
    ),
    "nothing to examine": (
        of_matrix("probes_are_there: no pods", "probes_are_there: no pods, it_is_red: no time"),
        (OF_MATRIX, "nothing_to_examine.it_is_red", "this policy may examine nothing: no time"),
    ),
    "an echo": (
        of_matrix("external:\n", "echoes: [ConfigMap a]\nexternal:\n"),
        (OF_MATRIX, "echoes", "ConfigMap a no longer counts as something that values change"),
    ),
    "one release only": (
        of_matrix("external:\n", "one_per: {scope: cluster, reason: it is heavy}\nexternal:\n"),
        (OF_MATRIX, "one_per", "fewer releases are judged beside each other: it is heavy"),
    ),
    "an API version": (
        of_matrix("api_versions: [monitoring.coreos.com/v1]\n", ""),
        (OF_MATRIX, "api_versions", "what is rendered for monitoring.coreos.com/v1 only is no longer judged"),
    ),
    "fail_on": (
        of_settings('"warning"', '"error"'),
        ("chartgate.toml", "fail_on", "warnings no longer make a run red"),
    ),
    "a disabled policy": (
        of_settings('{no_dead_values = "generated"}', '{no_dead_values = "generated", it_is_red = "no time"}'),
        ("chartgate.toml", "disable.it_is_red", "this policy no longer judges"),
    ),
    "a lower severity": (
        of_settings("[severity]\n", '[severity]\nit_is_red = {to = "warning", reason = "no time"}\n'),
        ("chartgate.toml", "severity.it_is_red", "its findings are warnings now"),
    ),
    "a raised severity that is gone": (
        of_settings('images_are_pinned = {to = "error", reason = "mirrored"}\n', ""),
        ("chartgate.toml", "severity.images_are_pinned", "its findings are no longer errors by this"),
    ),
    "a laxer standard": (
        of_settings('pod_security = "restricted"\n', ""),
        ("chartgate.toml", "pod_security", "a laxer standard is demanded of pods"),
    ),
    "no guard": (
        of_settings("guard_packs = true\n", ""),
        ("chartgate.toml", "guard_packs", "a policy may examine nothing and stay green"),
    ),
    "a pack": (
        of_settings('matrix = "', 'policies = ["policies"]\nmatrix = "'),
        ("chartgate.toml", "policies", "the pack kubernetes no longer judges"),
    ),
    "a larger baseline": (
        {"chartgate-baseline.yaml": BASELINE + ACCEPTED},
        ("chartgate-baseline.yaml", "it_is_red Pod a", AN_ERROR),
    ),
    "a warning that is an error now": (
        edited("chartgate-baseline.yaml", "severity: warning", "severity: error"),
        ("chartgate-baseline.yaml", "probes_are_there Deployment web", AN_ERROR),
    ),
    "a policy that is gone": (
        {"policies/ours.py": POLICIES[: POLICIES.rindex("@policy(")]},
        ("policies/ours.py", "it_is_red", "this policy is gone"),
    ),
    "a policy that is commented out": (
        {"policies/ours.py": POLICIES[: POLICIES.rindex("@policy(")] + "# @policy()\n# def it_is_red(): ...\n"},
        ("policies/ours.py", "it_is_red", "this policy is gone"),
    ),
    "a policy that judges less often": (
        {"policies/ours.py": POLICIES.replace('@policy(severity="error"', '@policy(where=never, severity="error"', 1)},
        ("policies/ours.py", "it_is_small", "it judges only where `never` holds"),
    ),
    "a policy that is a warning": (
        {"policies/ours.py": POLICIES.replace('severity="error"', 'severity="warning"', 1)},
        ("policies/ours.py", "it_is_small", "its findings are warnings now"),
    ),
    "a check less": (
        of_policies("    yield rendering.size\n", ""),
        ("policies/ours.py", "it_is_small", "it yields checks in 1 places, and did in 2"),
    ),
    "a check less in what it calls": (
        of_policies("    yield from (rendering.one, rendering.two)\n", "    return []\n"),
        ("policies/ours.py", "it_is_small", "it yields checks in 1 places, and did in 2"),
    ),
    "a policy that returns early": (
        of_policies("    yield rendering.size\n", "    return\n    yield rendering.size\n"),
        ("policies/ours.py", "it_is_small", "it yields checks in 0 places, and did in 2"),
    ),
    "a check that nothing reaches": (
        of_policies("    yield rendering.size\n", "    if False:\n        yield rendering.size\n"),
        ("policies/ours.py", "it_is_small", "it yields checks in 1 places, and did in 2"),
    ),
    "an older Kubernetes": (
        of_matrix("1.36.0", "1.30.0"),
        (OF_MATRIX, "kube_version", "what newer versions of Kubernetes refuse is no longer seen"),
    ),
    "a proof less": (
        of_policies(", it_grows_more=2", ""),
        ("policies/ours.py", "it_is_small", "nothing proves any longer that it notices it_grows_more"),
    ),
}

NOT_WEAKER: dict[str, dict[str, str]] = {
    "nothing": {},
    "another reason": of_matrix("reason: later", "reason: much later"),
    "a waiver less": {OF_MATRIX: MATRIX[: MATRIX.index("waivers:")]},
    "a narrower waiver": of_matrix("Deployment shop/*", "Deployment shop/web"),
    "a shorter waiver": of_matrix("2027-01-31", "2026-12-31"),
    "a newer Kubernetes": of_matrix("1.36.0", "1.37.0"),
    "a scenario of another name": of_matrix("  busy:", "  crowded:"),
    "a scenario of another value": of_matrix("{replicas: 9}", "{replicas: 19}"),
    "a scenario more": of_matrix("scenarios:\n", "scenarios:\n  calm: {values: {replicas: 2}}\n"),
    "a toggle of another name": of_matrix("{cache: cache.enabled}", "{caching: cache.enabled}"),
    "a refusal of another name": of_matrix("  negative:", "  below_zero:"),
    "other words of a refusal": of_matrix("[replicas, negative]", "[replicas, below zero]"),
    "an external less": {OF_MATRIX: MATRIX.replace(EXTERNAL, "")},
    "a policy that judges again": of_settings('disable = {no_dead_values = "generated"}\n', ""),
    "a higher severity": of_settings("[severity]\n", '[severity]\nit_is_red = {to = "error", reason = "it is"}\n'),
    "a smaller baseline": {"chartgate-baseline.yaml": "format: 1\nchart: shop\nfindings: []\n"},
    "who and why": edited("chartgate-baseline.yaml", "since: 2026-01-01", "since: 2026-01-01, who: me, why: later"),
    "a policy of another name": {
        "policies/ours.py": POLICIES.replace("def it_is_red", "def it_stays_red").replace("@it_is_red", "@it_stays_red")
    },
    "a policy in another module": {
        "policies/ours.py": POLICIES[: POLICIES.rindex("@policy(")],
        "policies/others.py": POLICIES[: POLICIES.index("def _each")] + POLICIES[POLICIES.rindex("@policy(") :],
    },
    "another docstring": of_policies('"""Small."""', '"""Small, as it should be."""'),
    "a check more": of_policies("    yield rendering.size\n", "    yield rendering.size\n    yield rendering.weight\n"),
    "what it calls, written out": {
        "policies/ours.py": POLICIES.replace("yield from _each(rendering)", "yield from (rendering.one, rendering.two)")
    },
    "a new policy with all that it needs": {
        "policies/new.py": POLICIES[: POLICIES.index("def _each")]
        + POLICIES[POLICIES.rindex("@policy(") :].replace("it_is_red", "it_is_new"),
        OF_MATRIX: MATRIX.replace("waivers:\n", WAIVER.replace("it_is_red", "it_is_new")),
    },
}
