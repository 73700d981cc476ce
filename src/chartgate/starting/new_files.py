"""Writing files that are not there yet, all of them or none; nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from chartgate.errors import InputError
from chartgate.system.files import write_whole


def check_absent(folder: Path, names: Sequence[str]) -> None:
    """Tell now, before the work, whether files can be written; nothing is changed.

    Raises:
        InputError: one of them is there already, or something else is where its folder should be.
    """
    for name in names:
        file = folder / name
        if file.exists() or file.is_symlink():
            raise InputError(
                f"{name} is there already, and init overwrites nothing: move it away, or work without init"
            )
        for above in Path(name).parents:
            if (folder / above).exists() and not (folder / above).is_dir():
                raise InputError(f"{name} cannot be written: {above} is there, and is not a folder")


def write_new(folder: Path, files: Mapping[str, str]) -> None:
    """Write files; where one of them cannot be written, the others are taken away again.

    Raises:
        InputError: as for `check_absent`, or one of them cannot be written.
    """
    check_absent(folder, list(files))
    made: list[Path] = []
    try:
        for name, text in files.items():
            for above in reversed(Path(name).parents):
                if not (folder / above).is_dir():
                    _make(folder / above, str(above))
                    made.append(folder / above)
            made.append(folder / name)
            write_whole(folder / name, text.encode())
    except BaseException:
        for path in reversed(made):
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink(missing_ok=True)
        raise


def _make(folder: Path, name: str) -> None:
    try:
        folder.mkdir()
    except OSError as error:
        raise InputError(f"{name} cannot be made: {error.strerror}") from error
