"""What several commands take and do alike: which chart over which matrix, and where a report goes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from chartgate.errors import InputError
from chartgate.matrix.choice import Choice
from chartgate.system.files import write_whole

Subject = TypeVar("Subject")


def add_inputs(command: argparse.ArgumentParser, default_matrix: str) -> None:
    """Add the options that choose chart, matrix, helm and Kubernetes version."""
    command.add_argument("--chart", default="", metavar="PATH", help="the chart: a folder or a .tgz (the matrix's)")
    command.add_argument(
        "--matrix",
        default="",
        metavar="FILE",
        help=f"the matrix of scenarios ({default_matrix}, where it is for this chart)",
    )
    command.add_argument("--helm", default="", metavar="PATH", help="render with this helm instead of the pinned one")
    command.add_argument(
        "--kube-version", default="", metavar="VERSION", help="render every scenario for this Kubernetes"
    )
    command.set_defaults(default_matrix=default_matrix)


def choice_of(given: argparse.Namespace, infrastructure: str = "") -> Choice:
    """Give what these options choose."""
    return Choice(
        chart=given.chart,
        matrix=given.matrix,
        default_matrix=given.default_matrix if Path(given.default_matrix).is_file() else "",
        helm=given.helm,
        kube_version=given.kube_version,
        infrastructure=infrastructure,
    )


def add_report(command: argparse.ArgumentParser, formats: Mapping[str, Callable[[Subject], str]]) -> None:
    """Add the options of a report; one of the formats is `terminal`."""
    command.add_argument("--format", choices=sorted(formats), default="terminal", help="of the report (terminal)")
    command.add_argument(
        "--output", default="", metavar="FILE", help="write the report there, and the terminal's as well"
    )


def report(given: argparse.Namespace, formats: Mapping[str, Callable[[Subject], str]], subject: Subject) -> None:
    """Write a report to standard output, or to a file and the terminal's to standard output.

    Raises:
        InputError: the file cannot be written.
    """
    text = formats[given.format](subject)
    if given.output:
        try:
            write_whole(Path(given.output), text.encode())
        except OSError as error:
            raise InputError(f"{given.output}: the report cannot be written: {error}") from error
        text = formats["terminal"](subject)
    sys.stdout.write(text)
