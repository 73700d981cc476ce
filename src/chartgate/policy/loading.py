"""From folders and packs of policies to the policies in them."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib
import importlib.util
import os
import pkgutil
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

from chartgate.errors import InputError
from chartgate.policy.policy import PACKS, Policy
from chartgate.system.answers import ask, is_file
from chartgate.system.interruption import Stopped

_ENGINE = str(Path(__file__).parents[1])
_PACK = "pack:"
"""In front of a name, it says that a pack is meant."""
_SETTLED = 2.0
"""Seconds after which no second edit falls into the same one."""


@functools.cache
def packs_there() -> tuple[str, ...]:
    """Give the names of the packs that ship with the engine."""
    return tuple(entry.name for entry in pkgutil.iter_modules(_import(PACKS).__path__))


def default_sources(own: Path) -> list[str]:
    """Give what a run is judged by when nobody says: every pack, and a project's own package, where there is one."""
    ask("content", own)
    return [*(f"{_PACK}{name}" for name in packs_there()), *([str(own)] if any(own.glob("*.py")) else [])]


def load_policies(sources: Sequence[str]) -> list[Policy]:
    """Import every module of these packages and give their policies, in the order they are written.

    Args:
        sources: folders (`policies`, `./kubernetes`) and names of packs (`kubernetes`, `pack:kubernetes`).

    Raises:
        InputError: there is no such package, none has a policy, a name is used twice, or a policy lacks its
            documentation or a counterexample.
    """
    found: dict[str, Policy] = {}
    for source in sources:
        with _with_bytecode_of_this_code(source):
            package = _package(source)
            policies = _of_a_pack(package) if package.__name__.startswith(f"{PACKS}.") else _of_a_package(package)
        if not policies:
            raise InputError(f"{source}: there are no policies in this package")
        for policy in policies:
            other = found.setdefault(policy.name, policy)
            if other is not policy:
                raise InputError(
                    f"{policy.place}: there is another policy {policy.name}, in {other.place}:"
                    " give one of them another name"
                )
    return list(found.values())


@contextmanager
def _with_bytecode_of_this_code(source: str) -> Iterator[None]:
    """Use no bytecode of what was there before, and keep none of what may be edited once more in the same second.

    Python would take it for the new code's: it compares size, and a time in whole seconds that anybody can put back.
    Source: https://docs.python.org/3/reference/import.html#cached-bytecode-invalidation
    """
    packages = [folder for folder in folders_of([source]) if (folder / "__init__.py").is_file()]
    files = [file for folder in packages for file in folder.rglob("*.py")]
    youngest = 0.0
    for file in filter(Path.is_file, files):
        youngest = max(youngest, file.stat().st_mtime)
        bytecode = Path(importlib.util.cache_from_source(file))
        with suppress(OSError):  # there is none, or nobody may write there
            if bytecode.stat().st_mtime <= file.stat().st_ctime:
                bytecode.unlink()
    was = sys.dont_write_bytecode
    sys.dont_write_bytecode = was or youngest > time.time() - _SETTLED
    try:
        yield
    finally:
        sys.dont_write_bytecode = was


def _of_a_package(package: ModuleType) -> tuple[Policy, ...]:
    return tuple(policy for module in _modules(package) for policy in _policies_of(module))


_of_a_pack = functools.cache(_of_a_package)
"""The same of a pack, which a process reads once: nobody edits it meanwhile."""


def _policies_of(module: ModuleType) -> Iterator[Policy]:
    """Give the policies that a module defines, once each is found to be complete."""
    if sys.flags.optimize > 1:
        raise InputError("policies need their docstrings, which PYTHONOPTIMIZE=2 or `python -OO` leaves out: unset it")
    for candidate in vars(module).values():
        if not isinstance(candidate, Policy) or candidate.function.__module__ != module.__name__:
            continue
        for needed, there, reason in (
            ("docstring", candidate.title, "its first line is the title in every report"),
            ("counterexample", candidate.counterexamples, f"add {candidate.name}.breaks(...): proof that it can fail"),
        ):
            if not there:
                raise InputError(f"{candidate.place}: policy {candidate.name} has no {needed}: {reason}")
        names = [example.name for example in candidate.counterexamples]
        if doubled := [name for name in names if names.count(name) > 1]:
            raise InputError(f"{module.__file__}: policy {candidate.name} has two counterexamples {doubled[0]}")
        yield candidate


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for entry in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield _import(entry.name)


def _package(source: str) -> ModuleType:
    """Import the package that a source names: a pack by its name, a folder by its path."""
    name = source.removeprefix(_PACK)
    is_pack = name in packs_there()
    if source.startswith(_PACK):
        if not is_pack:
            raise InputError(f"there is no pack {name!r}; there is: {', '.join(packs_there())}")
        return _import(f"{PACKS}.{name}")
    if is_pack and is_file(Path(source) / "__init__.py"):
        raise InputError(
            f"{source!r} is a pack, and a folder here: write {_PACK}{source} for the pack, ./{source} for the folder"
        )
    return _import(f"{PACKS}.{name}") if is_pack else _folder(Path(os.path.realpath(source)), source)


def _folder(folder: Path, source: str) -> ModuleType:
    """Import a folder as the package that it is, under another name where somebody else has taken its own."""
    if not folder.is_dir():
        raise InputError(
            f"{source}: there is no such folder of policies, and no such pack; there is: {', '.join(packs_there())}"
        )
    if not (folder / "__init__.py").is_file():
        raise InputError(f"{folder} is not a package of policies: it has no __init__.py")
    top = top_package(folder)
    known = getattr(sys.modules.get(top.name), "__path__", [str(top)])
    if str(top) not in known:
        return _aliased(folder)
    if str(top.parent) not in sys.path:
        # Behind what is installed: what is beside the policies is not to be imported in its place.
        installed = [number for number, place in enumerate(sys.path) if place.endswith("-packages")]
        sys.path.insert(max(installed, default=len(sys.path)) + 1, str(top.parent))
    package = _import(".".join(folder.relative_to(top.parent).parts))
    return package if str(folder) in package.__path__ else _aliased(folder)


def top_package(folder: Path) -> Path:
    """Give the outermost package that a folder is in; itself, where it is in no other."""
    while is_file(folder.parent / "__init__.py"):
        folder = folder.parent
    return folder


def folders_of(sources: Sequence[str]) -> list[Path]:
    """Give the outermost packages that the sources which are folders lead to; packs have none."""
    named = [source for source in sources if not source.startswith(_PACK) and source not in packs_there()]
    return list(dict.fromkeys(top_package(Path(os.path.realpath(source))) for source in named))


_FROM_OUTSIDE = (KeyboardInterrupt, Stopped)
"""What ends a run, whatever is being imported."""


def _aliased(folder: Path) -> ModuleType:
    """Import a folder under a name that nothing else has; its modules must import each other by relative imports."""
    name = f"{folder.name}_{hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise InputError(f"{folder}: the package cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with contextlib.redirect_stdout(sys.stderr):
            spec.loader.exec_module(module)
    except _FROM_OUTSIDE:
        raise
    except BaseException as error:
        del sys.modules[name]
        raise _unimportable(str(folder), error) from error
    return module


def _import(name: str) -> ModuleType:
    try:
        with contextlib.redirect_stdout(sys.stderr):  # what a module prints is in no report
            return importlib.import_module(name)
    except _FROM_OUTSIDE:
        raise
    except BaseException as error:  # whatever a module of the user's raises: the message says where
        raise _unimportable(name, error) from error


def _unimportable(name: str, error: BaseException) -> InputError:
    said, place = str(error), line_of(error)
    if isinstance(error, SyntaxError) and error.filename:
        said, place = error.msg, f"{error.filename}:{error.lineno}"
    return InputError(f"{name} cannot be imported: {type(error).__name__}: {said} ({place})")


def line_of(error: BaseException) -> str:
    """Give the file and line that an exception comes from: the user's own, rather than one of ours that it leads to."""
    frames = traceback.extract_tb(error.__traceback__)
    frame = next((f for f in reversed(frames) if not f.filename.startswith(_ENGINE)), frames[-1])
    return f"{frame.filename}:{frame.lineno}"
