"""What a cluster serves besides the APIs of Kubernetes itself, as `.Capabilities.APIVersions` has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def with_their_groups(api_versions: Iterable[str]) -> tuple[str, ...]:
    """Give each API version once; one with a kind (`example.com/v1/Widget`) brings its group and version along.

    So it is in a cluster, where a template may ask for either; `helm template --api-versions` adds only what it is
    given. Source: GetVersionSet in https://github.com/helm/helm/blob/v4.2.3/pkg/action/action.go
    """
    return tuple(dict.fromkeys(each for version in api_versions for each in _with_group(version)))


def _with_group(version: str) -> Iterator[str]:
    above, _, last = version.rpartition("/")
    if last[:1].isupper():
        yield above
    yield version
