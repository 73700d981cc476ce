"""The code that a project's own policies are, as far as their answers may be kept: it depends on nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chartgate.policy.loading import folders_of
from chartgate.policy.policy import Policy
from chartgate.policy.purity import impurities
from chartgate.system.code_digests import folder_digest
from chartgate.system.store import Store, key_of

_PURE, _IMPURE = b"1", b"0"


class OwnPolicies:
    """The folders of policies of one run."""

    def __init__(self, sources: Sequence[str], store: Store) -> None:
        """Read them, before anything of them is imported."""
        self._store = store
        folders = folders_of(sources) if store.is_used else []
        found = ((folder, folder_digest(folder)) for folder in folders)
        self._digests = {folder: digest for folder, digest in found if digest and self._is_pure(folder, digest)}

    def digest_of(self, policy: Policy) -> str:
        """Give what stands for the code of a policy; empty where its answers may depend on more than their input."""
        file, package = Path(policy.function.__code__.co_filename), policy.function.__module__.partition(".")[0]
        # Under another name than its own, what it imports by its own name is somebody else's.
        found = (folder for folder in self._digests if folder.name == package and file.is_relative_to(folder))
        return next((self._digests[folder] for folder in found), "")

    def is_unchanged(self) -> bool:
        """Tell whether all of it is still as it was read: some of it is imported only when it is used."""
        return all(folder_digest(folder) == digest for folder, digest in self._digests.items())

    def _is_pure(self, folder: Path, digest: str) -> bool:
        """Tell whether all modules in a folder are pure, which is remembered for its content."""
        key = key_of("pure", digest, folder.name)
        known = self._store.get(key)
        if known is None:
            files = [file for file in folder.rglob("*") if file.is_file() and file.parent.name != "__pycache__"]
            known = _PURE if all(_is_pure_file(file, folder.name) for file in files) else _IMPURE
            self._store.put(key, known)
        return known == _PURE


def _is_pure_file(file: Path, package: str) -> bool:
    if file.suffix in (".pyc", ".so", ".pyd"):
        return False
    if file.suffix != ".py":
        return True
    try:
        return not impurities(file.read_text("utf-8"), package)
    except (SyntaxError, ValueError, OSError, RecursionError):
        return False
