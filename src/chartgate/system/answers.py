"""What a run has asked the machine, and what it was answered: while all answers stay the same, so does its result."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from chartgate.system.folder_digests import folder_digest

_CHANGED = "changed"
"""The answer that no question has: a run got one and later another."""

Answers = dict[tuple[str, str], str]
"""By the question, and the path that it is about."""
_noted: Answers | None = None


@contextlib.contextmanager
def noting() -> Iterator[Answers]:
    """Give the answers that all threads of this process get within the block."""
    global _noted
    _noted = {}
    try:
        yield _noted
    finally:
        _noted = None


def note(question: str, path: str | os.PathLike[str], answer: str) -> None:
    """Note an answer that somebody got; a second one that differs is noted as well."""
    if _noted is not None and _noted.setdefault((question, os.path.abspath(path)), answer) != answer:  # noqa: PTH100
        _noted[question, os.path.abspath(path)] = _CHANGED  # noqa: PTH100


def note_content(file: Path, content: bytes) -> None:
    """Note what somebody has read of a file."""
    if _noted is not None:
        note("content", file, _of_file(str(file), content))


def ask(question: str, path: str | os.PathLike[str]) -> None:
    """Note an answer as it is now; to be called before whatever depends on it."""
    if _noted is not None:
        note(question, path, _answer(question, os.fspath(path)))


def is_there(path: Path) -> bool:
    """Tell whether there is anything at a path, and note that."""
    ask("is there", path)
    return path.exists()


def is_file(path: Path) -> bool:
    """Tell whether a file is at a path, and note that."""
    ask("is there", path)
    return path.is_file()


def hold(answers: Mapping[tuple[str, str], str]) -> bool:
    """Tell whether all these answers are known, and the same today."""
    return all(answer and _answer(question, path) == answer for (question, path), answer in answers.items())


def program_answer(status: os.stat_result) -> str:
    """Give what tells a program from any other that was ever at the same path."""
    place = (status.st_dev, status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return " ".join(map(str, place))


def _answer(question: str, path: str) -> str:
    """Ask; empty where nobody can tell."""
    try:
        return _QUESTIONS[question](path)
    except (FileNotFoundError, NotADirectoryError):
        return "a link to nothing" if os.path.islink(path) else "nothing"  # noqa: PTH114
    except (OSError, ValueError):
        return ""


def _content(path: str) -> str:
    status = os.stat(path)  # noqa: PTH116 - here and above: a run that has nothing to do asks for hundreds of files
    if stat.S_ISDIR(status.st_mode):
        digest = folder_digest(Path(path))
        return f"{os.path.realpath(path)} {digest}" if digest else ""
    return _of_file(path, Path(path).read_bytes()) if stat.S_ISREG(status.st_mode) else ""


def _of_file(path: str, content: bytes) -> str:
    return f"{os.path.realpath(path)} {hashlib.sha256(content).hexdigest()}"


def _is_there(path: str) -> str:
    mode = os.stat(path).st_mode  # noqa: PTH116
    return "a file" if stat.S_ISREG(mode) else "something else"


def _program(path: str) -> str:
    return program_answer(os.stat(path))  # noqa: PTH116


_QUESTIONS: Mapping[str, Callable[[str], str]] = {
    "content": _content,
    "is there": _is_there,
    "program": _program,
}
