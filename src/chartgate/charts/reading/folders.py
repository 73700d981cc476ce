"""A chart folder, read as helm reads it: links are followed, .helmignore counts, and nothing is waited for.

Source: https://github.com/helm/helm/blob/v4.2.3/pkg/chart/v2/loader/directory.go and internal/sympath/walk.go
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chartgate.charts.reading.archives import Files
from chartgate.charts.reading.ignore_rules import IgnoreRule, ignore_rules, is_ignored
from chartgate.charts.reading.limits_of_charts import LARGEST_FILE, LARGEST_FOLDER, MOST_ENTRIES, checked_name
from chartgate.errors import InputError

NOT_OF_THE_CHART = frozenset([".git", "__pycache__"])
"""What tools leave in a folder: helm reads it where .helmignore does not name it, and no template means it."""
_BOM = b"\xef\xbb\xbf"


def files_of(folder: Path, source: str, within: Path | None = None) -> Files:
    """Give the files that helm reads of a chart folder, by their path in it.

    Args:
        folder: of the chart.
        source: what messages call it.
        within: the folder that no link may lead out of; without one, links lead wherever they lead, as for helm.

    Raises:
        InputError: something in it is no file, too large, cannot be read or has a name that is not UTF-8; links run in
            a circle, lead to nothing or out; .helmignore has a pattern that helm refuses.
    """
    walk = _Walk(folder, source, _rules(folder, source), within.resolve() if within else None)
    found: Files = {}
    left = LARGEST_FOLDER
    for path, file in walk.below("", folder, ()):
        found[path] = _content(file, f"{source}/{path}").removeprefix(_BOM)
        left -= len(found[path])
        if left < 0:
            raise InputError(f"{source}: the chart is larger than {LARGEST_FOLDER // 2**20} MiB; use .helmignore")
    return found


def _rules(folder: Path, source: str) -> list[IgnoreRule]:
    file = folder / ".helmignore"
    if not file.exists():
        return ignore_rules("", "")
    if not file.is_file():
        raise InputError(f"{source}/.helmignore is no regular file: take it out")
    return ignore_rules(_content(file, f"{source}/.helmignore").decode("utf-8", "replace"), f"{source}/.helmignore")


def _content(place: Path, called: str) -> bytes:
    try:
        with place.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise InputError(f"{called} cannot be read: {error.strerror}") from error
    if len(content) > LARGEST_FILE:
        largest = f"{LARGEST_FILE // 2**20} MiB, the largest file helm reads"
        raise InputError(f"{called} is larger than {largest}: take it out, or name it in .helmignore")
    return content


@dataclass
class _Walk:
    folder: Path
    source: str
    rules: Sequence[IgnoreRule]
    within: Path | None
    entries: int = 0

    def below(self, path: str, place: Path, above: tuple[Path, ...]) -> Iterator[tuple[str, Path]]:
        """Give the path in the chart and the place of every file below a folder.

        Args:
            path: of the folder in the chart, with a slash at its end; empty for the chart itself.
            place: of the folder.
            above: the real places of the folders around it.
        """
        here = place.resolve()
        if here in above:
            raise InputError(f"{self.source}/{path.rstrip('/')} is a link to a folder around it, without end")
        for name in self._names(place, path):
            if name in NOT_OF_THE_CHART:
                continue
            self.entries += 1
            if self.entries > MOST_ENTRIES:
                raise InputError(f"{self.source} has more than {MOST_ENTRIES} files and folders; use .helmignore")
            mode = self._mode(f"{path}{name}", place / name)
            is_folder = stat.S_ISDIR(mode)
            if is_ignored(f"{path}{name}", is_folder=is_folder, rules=self.rules):
                continue
            checked_name(name, f"{self.source}/{path}".rstrip("/"))
            if is_folder:
                yield from self.below(f"{path}{name}/", place / name, (*above, here))
            elif stat.S_ISREG(mode):
                yield f"{path}{name}", place / name
            else:
                raise InputError(
                    f"{self.source}/{path}{name} is no regular file: take it out, or name it in .helmignore"
                )

    def _names(self, place: Path, path: str) -> list[str]:
        try:
            return sorted(os.listdir(place), key=os.fsencode)  # noqa: PTH208 - the names, which may be no text
        except OSError as error:
            raise InputError(f"{self.source}/{path} cannot be read: {error.strerror}") from error

    def _mode(self, path: str, place: Path) -> int:
        """Give what is at a place, behind all links."""
        shown = f"{self.source}/{path}".encode("utf-8", "backslashreplace").decode()
        try:
            if place.is_symlink():
                target = place.resolve(strict=True)
                if self.within and not target.is_relative_to(self.within):
                    raise InputError(f"{shown} is a link that leads out, to {target.as_posix()!a}")
            return place.stat().st_mode
        except RuntimeError as error:  # until Python 3.13, resolve() says a circle in this way
            raise InputError(f"{shown} is a link in a circle") from error
        except OSError as error:
            link = "a link that leads nowhere" if place.is_symlink() else "something that cannot be read"
            raise InputError(f"{shown} is {link}: {error.strerror}") from error
