"""The code that a project's own policies are, as far as their answers may be kept: it depends on nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chartgate.policy.loading import folders_of
from chartgate.policy.policy import Policy
from chartgate.policy.purity import impurities, keeps_something
from chartgate.system.answers import ask
from chartgate.system.code_digests import engine_digest
from chartgate.system.folder_digests import folder_digest
from chartgate.system.store import Store, key_of

_PURE, _REMEMBERING, _IMPURE = b"pure", b"remembering", b"impure"
_KNOWN = (_PURE, _REMEMBERING, _IMPURE)


class OwnPolicies:
    """The folders of policies of one run."""

    def __init__(self, sources: Sequence[str], store: Store) -> None:
        """Read them, before anything of them is imported."""
        self._store = store
        self.engine = engine_digest() if store.is_used else ""
        """What stands for the engine's own code; empty where it is not known, or nothing is kept."""
        folders = folders_of(sources) if store.is_used else []
        for place in (*map(Path, sources), *folders):
            ask("content", place)  # a source may be a link to the folder that is read
        found = ((folder, folder_digest(folder)) for folder in folders)
        purities = {folder: (digest, self._purity(folder, digest)) for folder, digest in found if digest}
        self._digests = {folder: digest for folder, (digest, purity) in purities.items() if purity != _IMPURE}
        self._digest_of: dict[str, str] = {}
        self._forgetful = {folder for folder, (_, purity) in purities.items() if purity == _PURE}

    def digest_of(self, policy: Policy) -> str:
        """Give what stands for the code of a policy; empty where its answers may depend on more than their input."""
        if policy.name not in self._digest_of:
            folder = self._folder_of(policy)
            self._digest_of[policy.name] = self._digests[folder] if folder else ""
        return self._digest_of[policy.name]

    def keeps_something(self, policy: Policy) -> bool:
        """Tell whether what a policy, or one beside it, was asked before may be in what it answers."""
        return self._folder_of(policy) not in self._forgetful

    def _folder_of(self, policy: Policy) -> Path | None:
        file, package = Path(policy.function.__code__.co_filename), policy.function.__module__.partition(".")[0]
        # Under another name than its own, what it imports by its own name is somebody else's.
        found = (folder for folder in self._digests if folder.name == package and file.is_relative_to(folder))
        return next(found, None)

    def is_unchanged(self) -> bool:
        """Tell whether all of it is still as it was read: some of it is imported only when it is used."""
        return all(folder_digest(folder) == digest for folder, digest in self._digests.items())

    def _purity(self, folder: Path, digest: str) -> bytes:
        """Give the worst that a module in a folder is, which is remembered for its content."""
        key = key_of("purity", self.engine, digest, folder.name)
        known = self._store.get(key)
        if known not in _KNOWN:
            files = [file for file in folder.rglob("*") if file.is_file() and file.parent.name != "__pycache__"]
            known = max((_purity_of(file, folder.name) for file in files), key=_KNOWN.index, default=_PURE)
            self._store.put(key, known)
        return known


def _purity_of(file: Path, package: str) -> bytes:
    if file.suffix in (".pyc", ".so", ".pyd"):
        return _IMPURE
    if file.suffix != ".py":
        return _PURE
    try:
        text = file.read_text("utf-8")
        if impurities(text, package):
            return _IMPURE
        return _REMEMBERING if keeps_something(text) else _PURE
    except (SyntaxError, ValueError, OSError, RecursionError):
        return _IMPURE
