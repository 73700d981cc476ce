"""The commands that print or write one thing each, and the one that sets up the tools."""

from __future__ import annotations

from pathlib import Path

import click

from chartgate.commands.grouped_commands import GateCommand
from chartgate.commands.shared_options import DEFAULT_MATRIX
from chartgate.commands.streams import write_out
from chartgate.errors import InputError


@click.command(cls=GateCommand)
@click.option("--all", "everything", is_flag=True, help="The oldest supported helm as well, which the tests compare.")
def provision(everything: bool) -> None:
    """Install the pinned helm and kubectl into the cache folder."""
    from chartgate.system import provisioning
    from chartgate.system.toolchain import OLDEST, PINNED, is_carried

    for release in (PINNED, OLDEST) if everything else (PINNED,):
        folder = provisioning.provision(release)
        if is_carried():
            write_out(f"chartgate: helm {release.helm} and kubectl {release.kubectl} are in {folder}\n")


@click.command(cls=GateCommand)
def risks() -> None:
    """Print a table of all classes of risk as Markdown."""
    from chartgate.catalogs.risk_catalog import risk_table
    from chartgate.review.risks.risk_classes import CLASSES

    write_out(risk_table(CLASSES.values()))


@click.command(cls=GateCommand)
@click.argument("matrix", default=DEFAULT_MATRIX, type=click.Path())
def pairwise(matrix: str) -> None:
    """Write the pairwise rows of a matrix into its file.

    MATRIX is that file [default: tests/matrix.yaml].
    """
    from chartgate.matrix.pairwise import write_rows

    write_rows(Path(matrix))


@click.command(cls=GateCommand)
@click.argument("chart", default="chart", type=click.Path())
def document(chart: str) -> None:
    """Write the table of values into a chart's README.md.

    CHART is the chart's folder [default: chart].
    """
    from chartgate.catalogs.values_table import write_values_table

    write_values_table(Path(chart))


@click.command(cls=GateCommand)
@click.argument("action", type=click.Choice(["info", "clear"]), metavar="ACTION")
def cache(action: str) -> None:
    """Tell how much earlier runs have left for later ones, or remove it.

    ACTION is `info` or `clear`.

    Renderings and verdicts are kept by what they were made from, so that nothing is made twice. They hold what the
    chart holds, and are readable for their owner only.
    """
    from chartgate.system.store import Store, store_folder
    from chartgate.system.store_file import clear

    folder = store_folder()
    if action == "clear":
        write_out(f"{folder}: removed {_size(clear(folder))}\n")
        return
    store = Store(folder)
    size = store.size()
    store.close()
    if store.note:
        raise InputError(store.note)
    write_out(f"{size.file}: {size.entries} entries, {_size(size.bytes)}\n" if size else f"{folder}: nothing\n")


def _size(count: int) -> str:
    return f"{count / 2**20:.1f} MiB"
