"""What hooks saw an app encrypt, so that a ciphertext met in a message is a layer that can be opened.

In: crypto records of the frame `hooks`. Out: for bytes in which such a ciphertext stands whole, its plaintext. A key is
never used and nothing is decrypted here: the app did it, and the record says with which algorithm.
"""

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pyarrow.compute as pc
import pyarrow.parquet as pq

from promptrail import frames
from promptrail.case import Case
from promptrail.decode.layer import Layer, Piece
from promptrail.trace.needles import Needle
from promptrail.trace.words import machine, matches

PREFIX = 16
"""Bytes by which a ciphertext is looked for: none shorter is met by chance, and one block of AES has as many."""
LARGEST = 16_000_000
"""A longer one is not kept: hooks hand over at most a mebibyte."""
TIER = "ciphertext"


class Known(NamedTuple):
    """One operation that a hook saw."""

    ciphertext: bytes
    plaintext: bytes
    step: str
    """The word for the chain: the library and the algorithm as the app named it."""
    record: str
    """Where it is told: the agent, and the number of its record."""


class Ciphertexts:
    """Those of a pass. `needles` say to a scout where one may stand."""

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self._known: dict[bytes, list[Known]] = {}
        for one in known:
            if PREFIX <= len(one.ciphertext) <= LARGEST:
                self._known.setdefault(one.ciphertext[:PREFIX], []).append(one)
        self._prefixes = list(self._known)
        self._machine = machine(self._prefixes)
        self.needles = [Needle(-1, (), TIER, prefix) for prefix in self._prefixes]

    def opened(self, layer: Layer) -> Iterator[Layer]:
        """The plaintext of every known ciphertext that stands whole in a layer, each as a layer of its own."""
        for number, start, _ in matches(self._machine, layer.data):
            for one in self._known[self._prefixes[number]]:
                if layer.data.startswith(one.ciphertext, start):
                    piece = Piece(one.plaintext, start, len(one.ciphertext), one.record)
                    yield layer.child(one.step, piece)
                    break


def known(case: Case) -> Iterator[Known]:
    """What the hooks of a case saw being encrypted or decrypted, in the order of the frame."""
    rows = [
        row
        for row in frames.rows(case.hooks[case.hooks["type"] == "crypto"])
        if row.body is not None and row.output is not None and _mode(row.detail) in SIDES
    ]
    bytes_of = _bodies(case, {sha for row in rows for sha in (row.body, row.output)})
    for row in rows:
        sides = (bytes_of.get(row.output), bytes_of.get(row.body))
        ciphertext, plaintext = sides if SIDES[_mode(row.detail)] == "output" else sides[::-1]
        if ciphertext is not None and plaintext is not None:
            yield Known(
                ciphertext,
                plaintext,
                f"{LIBRARY.get(str(row.agent), str(row.agent))} {row.algorithm}",
                f"hook {row.agent} {row.seq}",
            )


SIDES = {"encrypt": "output", "decrypt": "input"}
"""On which side of an operation the ciphertext is."""
LIBRARY = {"java-crypto": "javax.crypto"}
"""What the hooked library calls itself, by agent."""


def _mode(detail: str | None) -> str:
    """encrypt, decrypt, or another word: a MAC and a digest cannot be undone."""
    try:
        said = json.loads(detail or "{}")
    except ValueError:
        return ""
    return str(said.get("mode")) if isinstance(said, dict) else ""


def _bodies(case: Case, wanted: set[str]) -> dict[str, bytes]:
    """The bytes of some bodies, in one pass over the file; one that stands in several rows is too long for us."""
    found: dict[str, bytes] = {}
    if not wanted:
        return found
    with pq.ParquetFile(case.frames_folder / "bodies.parquet") as file:
        for group in range(file.num_row_groups):
            names = file.read_row_group(group, columns=["sha256"])["sha256"]
            if not pc.any(pc.is_in(names, value_set=pc.cast(sorted(wanted), names.type))).as_py():
                continue
            part = file.read_row_group(group)
            for sha, length, data in zip(
                *(part[c].to_pylist() for c in ("sha256", "length", "data")), strict=True
            ):
                if sha in wanted and len(data) == length:
                    found[sha] = data
    return found
