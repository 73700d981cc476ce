"""What several commands take and do alike: which chart over which matrix, and where a report goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from chartgate.commands.streams import Report, has_terminal
from chartgate.reports.format_names import FORMAT_NAMES
from chartgate.system.renderers import RENDERERS

if TYPE_CHECKING:  # what reads charts takes time to import, and the help is there at once
    from chartgate.gate.rules.settings import Settings
    from chartgate.matrix.choice import Choice

DEFAULT_MATRIX = "tests/matrix.yaml"
OWN_POLICIES = Path("policies")

Subject = TypeVar("Subject")
Function = TypeVar("Function", bound=Callable[..., Any])

chart_option = click.option(
    "--chart",
    type=click.Path(),
    default="",
    metavar="PATH",
    show_default="the one that the matrix names",
    help="The chart: a folder or a .tgz.",
)
matrix_option = click.option(
    "--matrix",
    type=click.Path(),
    default="",
    metavar="FILE",
    show_default=f"{DEFAULT_MATRIX}, where it is for this chart",
    help="The matrix of scenarios.",
)
helm_option = click.option(
    "--helm",
    type=click.Path(),
    default="",
    metavar="PATH_OR_VERSION",
    show_default="the pinned one",
    help="Render with this helm: a file, or a version that is pinned (3.17).",
)
renderer_option = click.option(
    "--renderer",
    type=click.Choice(RENDERERS),
    default=RENDERERS[0],
    show_default=True,
    help="What renders: a process of helm for each scenario, or helm's own library (chartgate[inprocess]), which is"
    " faster and leaves to helm what it would give otherwise.",
)
_kube_version_option = click.option(
    "--kube-version",
    default="",
    metavar="VERSION",
    show_default="that of each scenario",
    help="Render every scenario for this version of Kubernetes.",
)


def policies_option(words: str, default: str = "") -> Callable[[Function], Function]:
    """Make the option that names policies; `words` say what is done by them, `default` what else there may be."""
    return click.option(
        "--policies",
        multiple=True,
        type=click.Path(),
        metavar="FOLDER_OR_PACK",
        show_default=f"{default}every pack, and {OWN_POLICIES}/ where there is one",
        help=f"{words} May be given several times.",
    )


infrastructure_option = click.option(
    "--infrastructure",
    type=click.Path(),
    default="",
    metavar="FILE",
    show_default="none",
    help="An Argo-style file: take exactly what it deploys of the chart, its values in its namespace, instead of the"
    " scenarios of the matrix.",
)


cache_option = click.option(
    "--no-cache", is_flag=True, help="Make everything anew, and leave nothing for later runs; CHARTGATE_NO_CACHE=1 too."
)


def input_options(command: Function) -> Function:
    """Add the options that choose chart, matrix, helm and Kubernetes version, all of them for `choice_of`."""
    for option in (_kube_version_option, renderer_option, helm_option, matrix_option, chart_option):
        command = option(command)
    return command


def choice_of(
    chart: str,
    matrix: str,
    helm: str = "",
    kube_version: str = "",
    infrastructure: str = "",
    renderer: str = RENDERERS[0],
    settings: Settings | None = None,
) -> Choice:
    """Give what these options, and the settings of the project here, choose.

    Raises:
        InputError: the settings cannot be used.
    """
    from chartgate.gate.rules.settings import completed
    from chartgate.gate.rules.settings_file import read_settings
    from chartgate.matrix.choice import Choice
    from chartgate.system.answers import is_file

    choice = Choice(
        chart=chart,
        matrix=matrix,
        default_matrix=DEFAULT_MATRIX if is_file(Path(DEFAULT_MATRIX)) else "",
        helm=helm,
        renderer=renderer,
        kube_version=kube_version,
        infrastructure=infrastructure,
    )
    return completed(choice, read_settings(Path.cwd()) if settings is None else settings)


def report_options(formats: Sequence[str]) -> Callable[[Function], Function]:
    """Add the options of a report, `form` and `output`; one of the formats is `terminal`."""

    def add(command: Function) -> Function:
        command = click.option(
            "--output",
            type=click.Path(),
            default="",
            metavar="FILE",
            show_default="standard output",
            callback=_writable,
            help="Write the report there; the terminal shows its own as well.",
        )(command)
        return click.option(
            "--format",
            "form",
            type=click.Choice(sorted(formats)),
            default="terminal",
            show_default=True,
            help="The form of the report.",
        )(command)

    return add


def _reports(context: click.Context, option: click.Parameter, given: Sequence[str]) -> Sequence[tuple[str, Path]]:
    """Read FORMAT=FILE, and refuse a file that cannot be written to before the work begins."""
    found = []
    for one in given:
        form, is_there, file = one.partition("=")
        if form not in FORMAT_NAMES or not (is_there and file):
            formats = ", ".join(FORMAT_NAMES)
            raise click.BadParameter(f"{one!r} is not FORMAT=FILE; the formats are {formats}.", context, option)
        found.append((form, Path(_writable(context, option, file))))
    return found


more_reports_option = click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT=FILE",
    show_default="none",
    callback=_reports,
    help=f"Write a report for other programs, or a browser, as well: {', '.join(FORMAT_NAMES)}."
    " May be given several times.",
)


def reports_of(
    form: str, output: str, formats: Mapping[str, Callable[[Subject], str]], subject: Subject
) -> list[Report]:
    """Give a report for standard output, or for a file and the terminal's for standard output."""
    from chartgate.system.files import leads_to_stdout

    reports = [Report(output, formats[form](subject), is_of_terminal=form == "terminal")]
    if output and not leads_to_stdout(Path(output)):
        reports.append(Report("", formats["terminal"](subject), is_of_terminal=True))
    return reports


def is_read(form: str, output: str) -> bool:
    """Tell whether a report is for a person at a terminal, or kept as a file; and not only passed by, in a log."""
    return bool(output) or form != "terminal" or has_terminal()


def _writable(context: click.Context, _option: click.Parameter, file: str) -> str:
    """Refuse a file that cannot be written to before the work for its report begins."""
    if file and not context.resilient_parsing:
        from chartgate.system.files import check_writable

        check_writable(Path(file))
    return file
