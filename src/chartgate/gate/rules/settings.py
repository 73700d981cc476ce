"""A project's own choices as plain data, and what they mean for a run; pytest and the command line read them alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chartgate.documents.words import listed, near
from chartgate.errors import InputError
from chartgate.gate.rules.settings_places import from_here
from chartgate.matrix.choice import Choice
from chartgate.model import PodSecurityLevel, Severity
from chartgate.policy.loading import default_sources, packs_there

_BASELINE = "chartgate-baseline.yaml"
OWN_FOLDER, USUAL_MATRIX = "policies", "tests/matrix.yaml"
"""Where a project has its own policies, and its matrix, when nobody says."""


@dataclass(frozen=True)
class ChangedSeverity:
    """Another severity for all findings of one policy, and why."""

    to: Severity
    reason: str


@dataclass(frozen=True)
class Settings:
    """What a project has chosen; empty means that it says nothing. Paths are written as a person here would."""

    source: str = ""
    """The file that they are in."""
    folder: Path = Path()
    """The folder of that file, which paths are relative to."""
    chart: str = ""
    matrix: str = ""
    policies: tuple[str, ...] = ()
    """Folders and packs of policies."""
    baseline: str = ""
    """The file of findings that were there when the gate was introduced."""
    fail_on: Severity = "error"
    """The lowest severity of a finding that makes a run red."""
    disable: Mapping[str, str] = field(default_factory=dict)
    """The policies that judge nothing here, each with the reason."""
    severity: Mapping[str, ChangedSeverity] = field(default_factory=dict)
    """The policies whose findings have another severity here."""
    pod_security: PodSecurityLevel | None = None
    """The Pod Security Standard whose violations are errors in every namespace."""
    guard_packs: bool = False
    """Whether a policy of a pack must examine something, as the project's own must."""
    lines: Mapping[tuple[str, ...], int] = field(default_factory=dict, repr=False, compare=False)
    """Where in the file the entries for policies are: by table and name."""

    def check_names(self, known: Sequence[str]) -> None:
        """Refuse an entry for a policy that does not exist.

        Raises:
            InputError: it names file, line and the policies of a name like that.
        """
        for table, names in (("disable", self.disable), ("severity", self.severity)):
            for name in names:
                if name not in known:
                    meant = listed(near(name, known), 3) or "none of a name like that"
                    place = ":".join(
                        map(str, (self.source, *[self.lines[table, name]] * ((table, name) in self.lines)))
                    )
                    raise InputError(f"{place}: {table}: there is no policy {name!r}; there is: {meant}")


def completed(choice: Choice, settings: Settings) -> Choice:
    """Give what is judged: an option wins over the settings, and these over what is found in its usual place.

    A chart or a matrix that is named for one run is not mixed with the other one of the settings.
    """
    default = settings.matrix or choice.default_matrix
    if choice.chart or choice.matrix or not settings.chart:
        return dataclasses.replace(choice, default_matrix=default)
    return dataclasses.replace(choice, chart=settings.chart, matrix=settings.matrix, default_matrix=default)


def policy_sources(given: Sequence[str], settings: Settings, root: Path) -> list[str]:
    """Give the policies of a run: exactly those that it names, else those of the settings, else the default ones.

    Args:
        given: what the run names.
        settings: those of the project.
        root: where the project's own `policies/` is looked for, where no settings say what the project is.
    """
    own = from_here(OWN_FOLDER, settings.folder if settings.source else root)
    return [*given] or [*settings.policies] or default_sources(Path(own))


def baseline_file(given: str, settings: Settings, root: Path) -> str:
    """Give where the baseline is: where the run says, or the settings, else beside these, or else in a root folder."""
    return given or settings.baseline or from_here(_BASELINE, settings.folder if settings.source else root)


def source_from_here(source: str, base: Path) -> str:
    """Give a folder of policies as a person here would write it; the name of a pack stays."""
    return source if source.startswith("pack:") or source in packs_there() else from_here(source, base)
