"""Reassignments of the drawn lengths to the prompts: a seed and a count in, rows out, of which row 0 is what was done.

Keys come raw from PCG64, whose stream numpy promises to keep, and are sorted; so a seed gives the same rows everywhere.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]


def stream(seed: str, purpose: str) -> np.random.PCG64:
    """A source of numbers for one purpose; two purposes share none."""
    digest = hashlib.sha256(f"promptrail {seed} {purpose}".encode()).digest()
    return np.random.PCG64(int.from_bytes(digest, "big"))


def uniform(source: np.random.PCG64, *shape: int) -> Numbers:
    """Numbers between 0 and 1, both excluded."""
    raw = source.random_raw(int(np.prod(shape))) >> np.uint64(12)
    return ((raw.astype(np.float64) + 0.5) / 2.0**52).reshape(shape)


def shuffled(source: np.random.PCG64, rows: int, count: int) -> Counts:
    """Permutations of 0..count-1, one a row, each order as likely as any other."""
    keys = source.random_raw(rows * count).reshape(rows, count)
    return np.argsort(keys, axis=1, kind="stable").astype(np.int64)


@dataclass(frozen=True)
class Reassignments:
    """`rows[r, i]` is the number of the prompt whose length prompt i takes in row r. Row 0 is what was done."""

    rows: Counts

    @classmethod
    def drawn(cls, count: int, draws: int, source: np.random.PCG64) -> "Reassignments":
        return cls(np.vstack([np.arange(count, dtype=np.int64)[None, :], shuffled(source, draws, count)]))

    @cached_property
    def _chosen(self) -> Any:
        from scipy.sparse import csr_array

        draws, count = self.rows.shape
        columns = (self.rows + np.arange(count) * count).ravel()
        ends = np.arange(draws + 1) * count
        return csr_array((np.ones(columns.size), columns, ends), shape=(draws, count * count))

    def sums(self, table: Numbers) -> Numbers:
        """For a table [prompt, length, column] the sum over the prompts in every row: [row, column]."""
        count = self.rows.shape[1]
        out: Numbers = self._chosen @ table.reshape(count * count, -1)
        return out
