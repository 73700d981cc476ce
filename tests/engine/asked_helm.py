"""What helm said of charts that tests render, so that it is asked once, or its library in its place."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import itertools
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from chartgate.errors import ToolError
from chartgate.rendering.helm_template import HelmInput
from chartgate.rendering.in_process import HELMS, installed_version, made
from chartgate.system.processes import Output
from chartgate.system.toolchain import PINNED
from tests.engine.toys import WRAPPERS

_CHANCE = re.compile(rb"rand|now|uuid|gen[A-Z]|shuffle|htpasswd|bcrypt|encrypt|lookup|getHost|[dD]ate|ago")
"""What a template may call to print something else each time."""
_OF_HELM = re.compile(rb"HelmVersion|Capabilities|kubeVersion")
"""What the library may answer otherwise."""
_MOST_FILES = 60
_HELM_SAID: dict[str, Output] = {}
_STARTED: set[str] = set()
"""The helms that rendered something in this process: they are what they should be."""


def asked_once(ask: Callable[..., Output]) -> Callable[..., Output]:
    """Give what asks helm once for what a chart of the same content gives, in all tests of this process.

    By the content that is in the folder at that moment, and by all else that a process of helm gets. What is refused,
    or comes by chance, or of a large chart, is asked for each time; of its library, where that renders the same. A
    script that writes down the starts of a helm has all of them.

    Args:
        ask: what starts a process of helm.
    """

    def start_tool(helm: Path, arguments: Sequence[str], *, stdin: bytes = b"", **limits: Any) -> Output:
        wrapper = WRAPPERS.get(helm)
        tool = wrapper.tool if wrapper else helm
        contents, program = _contents(Path(arguments[2])), _program(tool)
        if not (contents and program):
            asked: Output = ask(helm, arguments, stdin=stdin, **limits)
            return asked
        read = [stdin, *contents.values()]
        key = "" if any(map(_CHANCE.search, read)) else _key(program, arguments[:2], arguments[3:], stdin, contents)
        output: Output | None = _HELM_SAID.get(key)
        if output is None:
            is_known = program in _STARTED and not any(map(_OF_HELM.search, read))
            output = _by_library(tool, arguments, stdin) if is_known else None
            output = output or ask(tool, arguments, stdin=stdin, **limits)
            if output.exit_code == 0:
                _STARTED.add(program)
                if key and arguments[2].encode() not in output.stdout + output.stderr:
                    _HELM_SAID[key] = output
        if wrapper:
            wrapper.note(arguments, stdin, output.stdout)
        return dataclasses.replace(output, command=(str(helm), *arguments))

    return start_tool


def _contents(chart: Path) -> dict[str, bytes]:
    """Give the files of a small chart; none where there is anything but files."""
    files = sorted(path for path in chart.rglob("*") if not path.is_dir()) if chart.is_dir() else []
    is_plain = len(files) <= _MOST_FILES and all(path.is_file() and not path.is_symlink() for path in files)
    return {path.relative_to(chart).as_posix(): path.read_bytes() for path in files} if is_plain else {}


def _program(helm: Path) -> str:
    """Give what stands for a program and for what it finds around it; empty where there is none."""
    try:
        status = helm.stat()
    except OSError:  # none, or one that takes itself away while it runs
        return ""
    around = sorted(item for item in os.environ.items() if item[0].startswith(("HELM", "KUBE", "XDG", "LANG", "LC_")))
    return _key(str(helm), status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, around)


def _key(*given: object) -> str:
    return hashlib.sha256(repr(given).encode()).hexdigest()


def _by_library(helm: Path, arguments: Sequence[str], stdin: bytes) -> Output | None:
    """Give what helm's library makes of the same; None where helm is to be asked."""
    if HELMS.get(installed_version() or "") != PINNED.helm or helm.parent.name != PINNED.folder.name:
        return None
    options = [*itertools.pairwise(arguments)]
    version = dict(options).get("--kube-version", "")
    served = tuple(word for option, word in options if option == "--api-versions")
    chart: Any = None
    given = HelmInput(chart, arguments[1], arguments[4], version, served, stdin.decode(), helm, copy=Path(arguments[2]))
    with contextlib.suppress(ToolError):
        if given.arguments == [*arguments] and (found := made(given)):
            return Output((), 0, found.stdout.encode(), b"")
    return None
