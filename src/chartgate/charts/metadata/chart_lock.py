"""Chart.lock: which versions of the dependencies helm once chose, and whether it still belongs to Chart.yaml.

Source: https://github.com/helm/helm/blob/v4.2.3/internal/resolver/resolver.go (HashReq) and pkg/downloader/manager.go.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chartgate.documents.shapes import map_of, maps_in
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.model import Chart

_FILES = ("Chart.lock", "requirements.lock")
_FIELDS = ("name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias")
"""In the order in which Go writes them."""


@dataclass(frozen=True)
class ChartLock:
    """What a lock file says."""

    file: str
    digest: str
    dependencies: tuple[Mapping[str, str], ...]
    """Name, version and repository of each."""

    def belongs_to(self, chart: Chart) -> bool:
        """Tell whether helm takes it for one of these dependencies; `helm dependency build` refuses any other.

        Helm looks up the names of repositories (`@stable`) on the machine that it runs on: it is not known then.
        """
        wanted = chart.metadata.get("dependencies") or []
        if any(str(entry.get("repository", "")).startswith(("@", "alias:")) for entry in wanted):
            return True
        written = [[_written(entry) for entry in entries] for entries in (wanted, self.dependencies)]
        forms: list[Any] = [written]
        if chart.metadata.get("apiVersion") == "v1":  # perhaps helm 2 has written it
            forms.append({"dependencies": written[0]})
        return self.digest in [_digest(form) for form in forms]


def chart_lock(chart: Chart) -> ChartLock | None:
    """Give the lock file of a chart; None where it has none, or none that says which versions it has."""
    for file in _FILES:
        try:
            content = go_yaml.load(chart.files.get(file, b"").decode(), file)
        except (InputError, UnicodeDecodeError):
            continue
        entries = maps_in(map_of(content).get("dependencies"))
        texts = [{key: entry.get(key, "") for key in ("name", "version", "repository")} for entry in entries]
        digest = map_of(content).get("digest")
        if isinstance(digest, str) and all(isinstance(text, str) for entry in texts for text in entry.values()):
            return ChartLock(file, digest, tuple(texts))
    return None


def _written(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields of a dependency that Go writes: all but empty ones, and name and repository always."""
    given = {field: entry.get(field) for field in _FIELDS}
    return {
        field: value or "" if field in ("name", "repository") else value
        for field, value in given.items()
        if value or field in ("name", "repository")
    }


def _digest(form: Any) -> str:
    text = json.dumps(form, separators=(",", ":"), ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
