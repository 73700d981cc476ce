"""Text of renderings for snapshots: sorted, redacted, without versions, nothing twice."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from syrupy.data import SnapshotCollection
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from chartgate.charts.chart_values.secret_values import value_texts
from chartgate.documents.secret_texts.masking import Masker
from chartgate.documents.secret_texts.masks import MASK
from chartgate.documents.walking import nodes, replaced
from chartgate.documents.yaml_texts import go_yaml
from chartgate.kubernetes.version_labels import APP_VERSION_LABEL
from chartgate.matrix.toggles import Toggle
from chartgate.model import Chart, Identity, Manifest, Rendering, Resource, Resources, Scenario
from chartgate.rendering.helm_template import api_options
from chartgate.system.files import write_whole


class YamlSnapshot(SingleFileSnapshotExtension):
    """One `.yaml` file per snapshot, written as the text it is given."""

    _write_mode = WriteMode.TEXT
    file_extension = "yaml"

    @classmethod
    def write_snapshot_collection(
        cls,
        *,
        snapshot_collection: SnapshotCollection,
        name_order: dict[str, int] | None = None,  # noqa: ARG003 - there is one in a file
    ) -> None:
        """Write a file as a whole: what was there stays where the disk is full.

        Raises:
            InputError: it cannot be written.
        """
        [snapshot] = snapshot_collection
        write_whole(Path(snapshot_collection.location), str(snapshot.data).encode())


def inventory(renderings: Sequence[Rendering], toggles: Mapping[str, Toggle]) -> str:
    """Say which resource exists where; resources of the same scenarios are listed together.

    The release's name and namespace are written `<release>` and `<namespace>`, so that a resource is one line
    however many scenarios name it otherwise. Where it is shorter, scenarios are named by the toggles they share. What
    the cluster serves besides is told at the end.
    """
    switched = {
        rendering.scenario.name: [name for name, toggle in toggles.items() if toggle.is_on(rendering.scenario.values)]
        for rendering in renderings
    }
    present: dict[str, set[str]] = {}
    for rendering in renderings:
        for resource in rendering.resources:
            present.setdefault(_anonymous(resource.identity, rendering.scenario), set()).add(rendering.scenario.name)
    groups: dict[frozenset[str], list[str]] = {}
    for identity, scenarios in present.items():
        groups.setdefault(frozenset(scenarios), []).append(identity)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[0]), sorted(group[1])))
    parts = [
        _comment(_where(scenarios, switched)) + "".join(f"\n- {identity}" for identity in sorted(identities)) + "\n"
        for scenarios, identities in ordered
    ]
    return "\n".join([*parts, *_clusters(renderings, switched)])


def _clusters(renderings: Sequence[Rendering], switched: Mapping[str, list[str]]) -> Iterator[str]:
    """Say which scenarios are for a cluster that serves more than Kubernetes itself."""
    served: dict[tuple[str, ...], set[str]] = {}
    for rendering in renderings:
        served.setdefault(rendering.scenario.api_versions, set()).add(rendering.scenario.name)
    for versions in sorted(filter(None, served)):
        options = " ".join(api_options(versions))
        yield _comment(f"{options}: {_where(frozenset(served[versions]), switched)}", breaks=False) + "\n"


def manifests(resources: Resources, rendering: Rendering, *, apart_from: Iterable[Resource] = ()) -> str:
    """Write resources in full, sorted by identity; those that are equal in `apart_from` are left out and counted."""
    scenario, chart = rendering.scenario, rendering.chart
    texts = value_texts([(chart, scenario.values)])
    masker = Masker(texts.secrets, texts.plain, {name for r in rendering.resources for name in (r.name, r.namespace)})
    known = {resource.identity: resource.manifest for resource in apart_from}
    parts = [
        f"# Source: {resource.template}\n" + go_yaml.dump(masker.document(_settled(resource, chart)), sort_keys=True)
        for resource in sorted(resources, key=lambda resource: resource.identity)
        if known.get(resource.identity) != resource.manifest
    ]
    left_out = len(resources) - len(parts)
    head = f"# {left_out} resources are left out: they are as in the scenario this one is compared with.\n"
    return "---\n".join(([head] if left_out else []) + parts)


def _comment(text: str, *, breaks: bool = True) -> str:
    return textwrap.fill(text, 110, initial_indent="# ", subsequent_indent="#   ", break_on_hyphens=breaks)


def _where(scenarios: frozenset[str], switched: Mapping[str, list[str]]) -> str:
    """Name scenarios by what is on in all of them, less the exceptions, or else one by one."""
    some = next(iter(scenarios))
    shared = [toggle for toggle in switched[some] if all(toggle in switched[name] for name in scenarios)]
    exceptions = [name for name, on in switched.items() if {*shared} <= {*on} and name not in scenarios]
    if len(exceptions) >= len(scenarios):
        return "in " + ", ".join(name for name in switched if name in scenarios)
    verb = "is" if len(shared) == 1 else "are"
    place = f"wherever {' and '.join(shared)} {verb} on" if shared else "everywhere"
    return place + (f", except in {', '.join(exceptions)}" if exceptions else "")


def _anonymous(identity: Identity, scenario: Scenario) -> str:
    namespace = "<namespace>" if identity.namespace == scenario.namespace else identity.namespace
    name = identity.name
    if name.startswith((f"{scenario.release}-", f"{scenario.release}.")):
        name = "<release>" + name.removeprefix(scenario.release).replace(f".{scenario.namespace}.", ".<namespace>.")
    return str(identity._replace(namespace=namespace, name=name))


def _settled(resource: Resource, chart: Chart) -> Manifest:
    """Redact a Secret, and take the chart's versions out of the labels, so that a bump alone changes nothing."""
    manifest = dict(resource.manifest)
    if resource.kind == "Secret":
        for key in ("data", "stringData"):
            if isinstance(manifest.get(key), dict):
                manifest[key] = dict.fromkeys(manifest[key], MASK)
    versions = {f"{c.metadata['name']}-{c.version}": f"{c.metadata['name']}-<version>" for c in _charts(chart)}
    # Helm writes `+` of a version as `_` in labels.
    settled: Manifest = replaced(manifest, lambda text: versions.get(text.replace("_", "+"), text))
    for _, node in nodes(settled):
        if isinstance(node, dict) and APP_VERSION_LABEL in node:
            node[APP_VERSION_LABEL] = "<version>"
    return settled


def _charts(chart: Chart) -> Iterator[Chart]:
    yield chart
    for subchart in chart.subcharts:
        yield from _charts(subchart)
