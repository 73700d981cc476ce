"""`chartgate watch`: judges again at each save, in a process that has everything loaded by then."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chartgate.commands.check_command import check
from chartgate.commands.grouped_commands import GateCommand
from chartgate.commands.shared_options import OWN_POLICIES, choice_of
from chartgate.commands.streams import write_out
from chartgate.documents.escaping import message_text
from chartgate.errors import InputError

if TYPE_CHECKING:
    from chartgate.system.prepared_runs import PreparedRun

Saves = Iterable[set[tuple[Any, str]]]
"""For each moment at which something was saved, how and where."""

_UNFIT = {
    "accept": "--accept",
    "prune": "--prune",
    "output": "--output",
    "reports": "--report",
    "gate_from": "--gate-from",
    "scenario": "--scenario",
}
"""Options of `check` that make no sense here, by what they are called there."""


@click.command(
    cls=GateCommand, context_settings={"ignore_unknown_options": True}, epilog="Ctrl-C ends it, with exit code 130."
)
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[OPTION]...")
def watch(options: tuple[str, ...]) -> int:
    """Judge a chart as `chartgate check` does: now, and at each save of the chart, the matrix or the policies.

    The scenario that switches most on is judged first, so that there is an answer at once; then everything. A save in
    between begins anew. Each OPTION is one of `chartgate check`, or the name of a policy; those that write something
    are not for here.
    """
    given = check.make_context("watch", list(options), parent=click.get_current_context()).params
    if unfit := [name for key, name in _UNFIT.items() if given[key]]:
        raise InputError(f"{' and '.join(unfit)}: watch only looks; use `chartgate check`")
    saves = _saves(list(_places(given)))
    _judge_at(saves, list(options))
    return 0


def _places(given: dict[str, Any]) -> Iterator[Path]:
    """Give what is watched: the chart, the folder of the matrix with the files that it names, policies, settings."""
    from chartgate.gate.rules.settings import policy_sources
    from chartgate.gate.rules.settings_file import read_settings
    from chartgate.matrix.choice import chart_source

    settings = read_settings(Path.cwd())
    choice = choice_of(given["chart"], given["matrix"], settings=settings)
    chart = chart_source(choice)
    if not chart.exists():
        raise InputError(f"there is no chart at {chart}: name a chart folder or a .tgz")
    yield chart
    if matrix := choice.matrix or choice.default_matrix:
        yield Path(matrix).parent
    for source in (*map(Path, policy_sources(given["policies"], settings, Path.cwd())), OWN_POLICIES):
        if source.is_dir():
            yield source
    if settings.source:
        yield Path(settings.source)


def _saves(places: list[Path]) -> Saves:
    try:
        from watchfiles import DefaultFilter
        from watchfiles import watch as saves
    except ImportError as error:
        raise InputError("watchfiles is not installed: `pip install 'chartgate[watch]'`") from error

    wanted = [place.absolute() for place in places]
    usual = DefaultFilter()

    def is_wanted(change: Any, path: str) -> bool:
        return usual(change, path) and any(Path(path).is_relative_to(place) for place in wanted)

    # An editor may put another file in the place of one: then only its folder hears of it.
    folders = {place if place.is_dir() else place.parent for place in wanted}
    return saves(*folders, watch_filter=is_wanted, debounce=400, step=50)


def _judge_at(saves: Saves, options: list[str]) -> None:
    from chartgate.system.prepared_runs import PreparedRun

    def prepare() -> PreparedRun:
        return PreparedRun("chartgate.commands.watched", options)

    running, waiting = prepare(), prepare()
    try:
        _begin(running, "everything")
        for change in saves:
            running.end()
            running, waiting = waiting, prepare()
            _begin(running, _told(sorted({path for _, path in change})))
    finally:
        running.end()
        waiting.end()


def _begin(run: PreparedRun, why: str) -> None:
    now = datetime.datetime.now().astimezone().strftime("%H:%M:%S")
    write_out(f"{now} {message_text(why)}\n")
    run.begin()


def _told(paths: list[str]) -> str:
    """Say what was saved, as a person here would write it; an editor's own files are gone by then."""
    there = [path for path in paths if Path(path).exists()] or paths
    first, here = Path(there[0]), Path.cwd()
    first = first.relative_to(here) if first.is_relative_to(here) else first
    return f"{first}" + f" and {len(there) - 1} more" * (len(there) > 1)
