"""Runs that are recorded at once begin one after another: of two that begin together, chance would decide which came
after the other, and a finding would say now this and now that.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from promptrail.case.evidence import LINES

MET = b'"k":"connection"'
LOOK = 0.1
"""Seconds between two looks at whether a run may begin."""


class Turns:
    """The runs of one recording, in their order."""

    def __init__(self, runs: Iterable[str]) -> None:
        self._begun = {run: threading.Event() for run in runs}
        names = list(self._begun)
        self._before = dict(zip(names[1:], names[:-1], strict=True))

    @contextmanager
    def turn(self, run: str, goes_on: Callable[[], object]) -> Iterator[None]:
        """Wait until the run before this one has begun, or ended; this one counts as begun when the block is left.

        `goes_on` is asked meanwhile, and raises where there is nothing to wait for.
        """
        try:
            before = self._before.get(run)
            while before and not self._begun[before].wait(LOOK):
                goes_on()
            yield
        finally:
            self._begun[run].set()

    def look(self, run: str, folder: Path) -> None:
        """A run has begun when the app has met a server."""
        if not self._begun[run].is_set() and _met(folder / LINES):
            self._begun[run].set()


def _met(file: Path) -> bool:
    try:
        return MET in file.read_bytes()
    except FileNotFoundError:
        return False
