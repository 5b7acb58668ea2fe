"""The tables: each file says what it is, and no column changes without a new version."""

import hashlib
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from factories import parley
from promptrail import frames

TABLES = {3: "f00fa836f2262427", 4: "9f9401311ef85b30"}
"""SHA-256 over the names and types of all columns, by version. A change of FRAMES needs a new line here."""


def test_a_change_of_a_table_raises_the_version() -> None:
    """Who opens a file can rely on its version: the same number never stands for other columns."""
    columns = [f"{name}.{c.name} {c.type}" for name, frame in sorted(frames.FRAMES.items()) for c in frame]
    digest = hashlib.sha256("\n".join(columns).encode()).hexdigest()[:16]
    assert TABLES[frames.VERSION] == digest, f"raise frames.VERSION, and write down {digest} for it"


@pytest.mark.parametrize("name", sorted(frames.FRAMES))
def test_a_file_explains_itself(tmp_path: Path, name: str) -> None:
    """Frame, version, and the meaning of every column are in the Parquet file."""
    case = parley().write(tmp_path)
    schema = pq.read_schema(case.frames_folder / f"{name}.parquet")
    assert schema.metadata[b"promptrail.frame"].decode() == name
    assert schema.metadata[b"promptrail.schema"].decode() == str(frames.VERSION)
    assert all(field.metadata[b"meaning"] for field in schema)
