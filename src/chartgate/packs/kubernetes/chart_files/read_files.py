"""Files that templates read: `.Files.Get` and `.Files.Glob` give nothing, without a word, for what is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from chartgate.charts.template_texts.template_actions import Action, actions
from chartgate.documents.misspellings import nearly
from chartgate.model import Chart, Check
from chartgate.policy.edits import in_template
from chartgate.policy.policy import THE_CHART, policy
from chartgate.policy.template_checks import WrongLine, template_checks

from ..healthy.config_map import HEALTHY

_READ = re.compile(r'\.Files\.(?P<how>Get|GetBytes|Lines|Glob)\s++"(?P<path>[^"\\]++)"')
_READ_BY_VALUE = re.compile(r"\.Files\.\w++\s++\(?\s*+(?:printf|print|tpl|\$?\.)")
_SCRIPT = re.compile(r"\.(?:sh|bash|py|sql|conf|json|ya?ml|toml|ini|properties)\Z")
_ASKS = re.compile(r"\b(?:default|coalesce|required|ternary|empty|fail)\b")
_NO_FILES = ("templates/", "charts/")
_KEEPERS = (".keep", ".gitkeep")
_OWN = ("Chart.yaml", "values.yaml", "values.schema.json", "Chart.lock")
"""What helm does not give to templates: https://helm.sh/docs/chart_template_guide/accessing_files/"""


@policy(
    over=THE_CHART,
    severity="error",
    remediation="Write the path as it is in the chart, from its folder on; a file below templates/ cannot be read.",
)
def files_that_templates_read_are_there(chart: Chart) -> Iterator[Check]:
    """A file that a template reads by its path, `.Files.Get "files/web.conf"`, is one of the chart.

    Helm gives an empty text for what is not there. A pattern that finds nothing is one for files of the user, unless
    the chart has such files in another folder, or in this one others that nothing reads. Who asks first whether there
    is one is left alone, and so is a folder that `.gitkeep` keeps for what is made before the chart is packed. Read
    from the templates' text. Source: https://helm.sh/docs/chart_template_guide/accessing_files/
    """
    yield from template_checks(chart, "a file of the chart", _missing)


def _missing(chart: Chart) -> Iterator[WrongLine]:
    if chart.metadata.get("type") == "library":
        return  # its templates read the files of whoever includes them
    files = [path for path in chart.files if path not in _OWN and not path.startswith(_NO_FILES)]
    everything = "".join(chart.templates.values())
    patterns = [read["path"].removeprefix("./") for read in _READ.finditer(everything)]
    named = [file for file in files if any(_finds(pattern, file) for pattern in patterns)]
    unread = [] if _READ_BY_VALUE.search(everything) else [file for file in files if file not in named]
    for name, text in sorted(chart.templates.items()):
        for action in actions(text) if ".Files." in text else ():
            for read in _READ.finditer(action.text):
                path = read["path"].removeprefix("./")
                by_path = read["how"] != "Glob"
                meant = _meant(path, files, action) if by_path else _meant_by_pattern(path, files, unread)
                if meant is not None:
                    says = f": {read['path']} is not there" + (f"; there is {meant}" if meant else "")
                    yield WrongLine(f"{name} {read['path']}", name, action.line, says)


def _meant(path: str, files: Sequence[str], action: Action) -> str | None:
    """Give the file that is meant by a path of none, empty where nobody knows; None where nothing is wrong."""
    asked = [*action.conditions, action.text if action.word in ("if", "with") or _ASKS.search(action.text) else ""]
    kept = (PurePosixPath(path).parent / name for name in _KEEPERS)  # a folder that is filled before it is packed
    if path in files or any(f'"{path}"' in text for text in asked) or any(str(name) in files for name in kept):
        return None
    of_that_name = [file for file in files if PurePosixPath(file).name == PurePosixPath(path).name]
    return next(iter([*of_that_name, *nearly(path, files)]), "")


def _finds(pattern: str, file: str) -> bool:
    return fnmatchcase(file, pattern.replace("**/", "*"))


def _meant_by_pattern(pattern: str, files: Sequence[str], unread: Sequence[str]) -> str | None:
    if any(_finds(pattern, file) for file in files):
        return None
    folder, _, last = pattern.rpartition("/")
    others = [file for file in files if fnmatchcase(file, f"*/{pattern}")]
    folders = {str(PurePosixPath(file).parent): file for file in files if fnmatchcase(PurePosixPath(file).name, last)}
    near = nearly(folder, sorted(folders)) if folder and "*" not in folder else []
    beside = [file for file in unread if str(PurePosixPath(file).parent) == folder and _SCRIPT.search(file)]
    return next(iter([*others, *(folders[name] for name in near), *beside]), None)


_FILES: Mapping[str, bytes] = {"files/web.conf": b"", "files/scripts/run.sh": b""}

files_that_templates_read_are_there.breaks(
    manifests=HEALTHY,
    the_folder_has_another_name=in_template('web.conf: {{ .Files.Get "file/web.conf" | quote }}', files=_FILES),
    the_pattern_ends_otherwise=in_template(
        '{{ (.Files.Glob "files/scripts/*.bash").AsConfig | nindent 2 }}', files=_FILES
    ),
    the_pattern_begins_in_the_wrong_folder=in_template(
        '{{ (.Files.Glob "scripts/*.sh").AsConfig | nindent 2 }}', files=_FILES
    ),
)
