"""How long masking takes: 50 secrets in all their writings over 2.2 MB of text, in one piece and in small ones.

    .venv/bin/python bench/masking.py

The first time includes what the automaton of all writings takes to be made. Beside it what a pass over the text for
each form takes, which is what `str.replace` did.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable

from chartgate.documents.secret_texts.masking import Masker
from chartgate.documents.secret_texts.writings import writings

SECRETS = [f"{hashlib.sha256(bytes([n])).hexdigest()[:24]} <\"'&>é" for n in range(50)]
SHORT = [f"pw{n}" for n in range(20)]
LINES = [f"  key{n}: some value, {base64.b64encode(b'some other %d' % n).decode()}" for n in range(42_000)]


def a_pass_for_each(text: str) -> str:
    """Replace each form of each secret, one after the other."""
    for form in {form for secret in SECRETS for form in writings(secret).values()}:
        text = text.replace(form, "<secret>")
    return text


def main() -> None:
    """Print the seconds of each way."""
    text = "\n".join([*LINES, *SECRETS])
    masker = Masker([*SECRETS, *SHORT])

    def of_all(mask: Callable[[str], str], texts: list[str]) -> float:
        started = time.perf_counter()
        for one in texts:
            mask(one)
        return time.perf_counter() - started

    print(f"{len(text) / 1e6:.1f} MB, the first time:  {of_all(masker.text, [text]):.2f} s")  # noqa: T201
    print(f"and again:               {of_all(masker.text, [text]):.2f} s")  # noqa: T201
    print(f"{len(LINES)} lines, each alone: {of_all(masker.text, LINES):.2f} s")  # noqa: T201
    print(f"a pass for each form:    {of_all(a_pass_for_each, [text]):.2f} s")  # noqa: T201


if __name__ == "__main__":
    main()
