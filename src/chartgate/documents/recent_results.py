"""What was made lately, by what it was made of: as much of it as the largest piece of work needs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Hashable
from typing import Generic, TypeVar

Result = TypeVar("Result")

_LARGE = 10_000
"""Characters from which a text is a large one, a CRD say."""
LEAST, _LEAST_LARGE = 4096, 64
"""Texts whose results are remembered in any case: rendering after rendering has the same ones."""
RENDERINGS = 4
"""Of how many renderings that have nothing in common all is remembered: of other names, other namespaces, and so on."""


class RecentResults(Generic[Result]):
    """Results of a function that are made once as long as they are asked for again.

    A cache of a fixed size forgets everything in time to make it anew, once a little more than its size is asked for in
    turns. This one is told how much that is.
    """

    def __init__(self, make: Callable[..., Result], least: int) -> None:
        """Remember nothing yet.

        Args:
            make: the function; what it makes is never changed.
            least: how many results are remembered in any case.
        """
        self._make = make
        self._room = least
        self._results: dict[tuple[Hashable, ...], Result] = {}
        self._lock = threading.Lock()

    def make_room(self, needed: int) -> None:
        """Remember at least so many of them from now on."""
        self._room = max(self._room, needed)

    def __call__(self, *given: Hashable) -> Result:
        """Give the result of the function; two threads may both make it."""
        with self._lock:
            if given in self._results:
                self._results[given] = self._results.pop(given)  # as the latest one
                return self._results[given]
        result = self._make(*given)
        with self._lock:
            self._results[given] = result
            if len(self._results) > self._room:
                del self._results[next(iter(self._results))]
        return result


class RecentOfTexts(Generic[Result]):
    """The same for a function of texts, of which there are many small and few large ones."""

    def __init__(self, make: Callable[..., Result]) -> None:
        """Remember nothing yet; `make` gets a text, and perhaps something more."""
        self._small = RecentResults(make, LEAST)
        self._large = RecentResults(make, _LEAST_LARGE)

    def make_room(self, texts: Collection[str]) -> None:
        """Remember at least what is made of a few renderings that have so many texts of such sizes."""
        large = sum(len(text) >= _LARGE for text in texts)
        self._large.make_room(RENDERINGS * large)
        self._small.make_room(RENDERINGS * (len(texts) - large))

    def __call__(self, text: str, *more: Hashable) -> Result:
        """Give the result of the function."""
        return (self._large if len(text) >= _LARGE else self._small)(text, *more)
