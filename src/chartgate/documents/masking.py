"""Secret values never leave the process in a message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from chartgate.documents.walking import replaced
from chartgate.documents.writings import writings

MASK = "<secret>"
_SHORTEST_LINE = 8
"""Characters: a shorter line of a multi-line secret (`-----`, `}`) is not a secret by itself."""


class Masker:
    """Puts a mask in place of secret values, also where they are quoted, escaped or encoded; made once for a run."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Make every form in which manifests and messages write these texts."""
        forms = {form for secret in secrets for form in _forms(secret)}
        # The longest first, so that none hides inside another.
        self._forms = sorted(forms, key=lambda form: (-len(form), form))

    def text(self, text: str) -> str:
        """Mask the secrets in a text."""
        for form in self._forms:
            text = text.replace(form, MASK)
        return text

    def document(self, value: Any) -> Any:
        """Mask every text in a document of maps and lists; what is neither stays itself."""
        return replaced(value, self.text, keys=True) if self._forms else value


def _forms(secret: str) -> Iterator[str]:
    """Give the ways in which manifests and messages write a text."""
    yield from writings(secret).values()
    yield repr(secret)[1:-1]
    if "\n" in secret:
        yield from (line.strip() for line in secret.splitlines() if len(line.strip()) >= _SHORTEST_LINE)
