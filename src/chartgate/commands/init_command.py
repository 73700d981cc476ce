"""`chartgate init`: a chart gets a gate."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from chartgate.commands.grouped_commands import GateCommand, warn
from chartgate.commands.progress import Progress
from chartgate.commands.shared_options import helm_option
from chartgate.commands.streams import write_out
from chartgate.errors import InputError


@click.command(cls=GateCommand)
@click.argument("chart", default="", type=click.Path())
@click.option(
    "--values",
    "values_file",
    type=click.Path(),
    default="",
    metavar="FILE",
    show_default="none; where the chart does not render without, a file of its ci/",
    help="Values that the chart cannot be rendered without: every scenario then has them.",
)
@click.option("--github", is_flag=True, help="Write a workflow for GitHub as well.")
@click.option(
    "--install-from",
    default="",
    metavar="ADDRESS",
    show_default="where this chartgate is from",
    help="What the workflow installs chartgate from: `git+https://...@COMMIT`, or the address of a wheel.",
)
@click.option(
    "--pre-commit", is_flag=True, help="Write a hook for pre-commit as well, or show it where there are others."
)
@helm_option
def init(chart: str, values_file: str, github: bool, install_from: str, pre_commit: bool, helm: str) -> None:
    """Write a starting matrix, settings and a first policy for a chart.

    CHART is its folder [default: the one here]. The matrix has what the chart itself tells: booleans that its templates
    decide by, enumerations, images, what they ask the cluster for. Each of these is rendered before anything is
    written, and what helm refuses is left out and told. Files that are there are never overwritten. Where there are
    settings, --github and --pre-commit add their file to them, and nothing else is written.
    """
    from chartgate.charts.reading.read import read_chart
    from chartgate.documents.escaping import terminal_text
    from chartgate.documents.yaml_texts import go_yaml
    from chartgate.matrix.choice import Choice, copy_for_run
    from chartgate.rendering.renderings import Renderings
    from chartgate.starting.announcement import announcement
    from chartgate.starting.making import Wanted, make_project, names_of_files
    from chartgate.starting.new_files import check_absent, write_new
    from chartgate.starting.project_files import PRE_COMMIT, WORKFLOW, files_on_request, hook_to_add
    from chartgate.starting.surroundings import chart_here, check_root, notes, settings_here
    from chartgate.system.files import read_bytes
    from chartgate.system.installation import installed_from
    from chartgate.system.scratch import make_private, scratch_folder
    from chartgate.system.toolchain import find

    folder = Path.cwd()
    if github and not (install_from := install_from or installed_from()):
        raise InputError(
            "--github: this chartgate is not from an address that GitHub reaches; name one with"
            " --install-from='git+https://HOST/chartgate@COMMIT', or that of a wheel"
        )
    if not install_from.isprintable():
        raise InputError("--install-from: an address is one line of visible characters")
    values = {}
    if values_file:
        values[values_file] = go_yaml.load_values(read_bytes(Path(values_file)), values_file)
    has_hooks = (folder / PRE_COMMIT).exists() or (folder / PRE_COMMIT).is_symlink()
    wanted = Wanted(folder, values, install_from if github else "", pre_commit and not has_hooks)
    for name in (*[WORKFLOW] * github, *[PRE_COMMIT] * pre_commit):
        check_root(folder, name)
    more = hook_to_add() if pre_commit and has_hooks else ()
    if settings := settings_here(folder):
        if not (github or pre_commit):
            raise InputError(
                f"{settings} has settings already, and init overwrites nothing: `chartgate check` uses them"
            )
        added = files_on_request(wanted.install_from, has_hook=wanted.has_hook)
        write_new(folder, added)
        write_out(terminal_text([f"{settings} has settings already, which stay as they are", *added, *more]))
        return
    choice = Choice(chart=chart or str(chart_here(folder)), helm=helm)
    if any("\ud800" <= character <= "\udfff" for character in choice.chart):
        raise InputError(f"{choice.chart!a}: the name of this folder is not UTF-8, so no matrix can name it: rename it")
    progress = Progress(sys.stderr)
    with scratch_folder() as scratch:
        known = read_chart(copy_for_run(choice, scratch), choice.chart)
        check_absent(folder, names_of_files(known, wanted))
        tools = find(Path(helm) if helm else None)
        warn(tools.warning and f"helm {tools.helm_version}")
        make_private(scratch)
        try:
            project = make_project(known, Renderings(known, tools, (), scratch / "helm"), wanted, scratch, progress)
        finally:
            progress.clear()
    write_new(folder, project.files)
    write_out(terminal_text([*announcement(project), *notes(folder, known, project.files), *more]))
