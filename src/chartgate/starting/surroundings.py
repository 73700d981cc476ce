"""What is already where a project is to begin: the chart, settings of another beginning, rules of what is packed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from chartgate.charts.reading.ignore_rules import IgnoreRule, ignore_rules, is_ignored
from chartgate.charts.reading.nearby import charts_below
from chartgate.errors import InputError
from chartgate.gate.rules.settings_file import read_settings
from chartgate.model import Chart
from chartgate.system.files import read_text

_MOST = 5


def chart_here(folder: Path) -> Path:
    """Give the chart in a folder, or the only one below it; relative to the folder.

    Raises:
        InputError: there is none, or more than one.
    """
    own = charts_below(folder)
    if len(own) == 1:
        return own[0]
    if not own:
        raise InputError("there is no chart here: name its folder, chartgate init FOLDER")
    names = ", ".join(map(str, own[:_MOST])) + ", ..." * (len(own) > _MOST)
    raise InputError(f"there are several charts here: name one of them, chartgate init {own[0]}; there is: {names}")


def settings_here(folder: Path) -> str:
    """Give the name of the file that has the settings of a folder; empty where it has none.

    Raises:
        InputError: they cannot be read.
    """
    settings = read_settings(folder)
    return settings.source if settings.folder == folder.absolute() else ""


def check_root(folder: Path, name: str) -> None:
    """Refuse a folder inside of a repository for what is only read at its root.

    Args:
        folder: where a project begins.
        name: the file that would be there.

    Raises:
        InputError: it is not the root.
    """
    root = next((above for above in (folder, *folder.parents) if (above / ".git").exists()), folder)
    if root != folder:
        raise InputError(f"{name} only counts at the root of the repository: run init in {root}")


def notes(folder: Path, chart: Chart, files: Iterable[str]) -> Iterator[str]:
    """Tell what else there is to do: helm packs whatever is in the chart's folder."""
    if not folder.resolve().is_relative_to(Path(chart.source).resolve()):
        return
    inside = folder.resolve().relative_to(Path(chart.source).resolve())
    rules = ignore_rules(_text(Path(chart.source) / ".helmignore"), f"{chart.source}/.helmignore")
    packed = [name for name in files if not _is_left_out(PurePosixPath(inside.as_posix()) / name, rules)]
    if packed:
        tops = dict.fromkeys(f"/{name.partition('/')[0]}{'/' if '/' in name else ''}" for name in packed)
        yield ""
        yield "These files are in the chart's own folder: for helm to leave them out of its package, add to .helmignore"
        yield from (f"  {top}" for top in tops)


def _text(file: Path) -> str:
    return read_text(file) if file.is_file() else ""


def _is_left_out(path: PurePosixPath, rules: Sequence[IgnoreRule]) -> bool:
    """Tell whether helm leaves out a file, or a folder above it."""
    above = [folder for folder in path.parents if folder.name]
    return is_ignored(str(path), is_folder=False, rules=rules) or any(
        is_ignored(str(folder), is_folder=True, rules=rules) for folder in above
    )
