"""The frames as other people's tools open them: DuckDB, Polars and Dask, with nothing of ours in between."""

import dask.dataframe
import duckdb
import polars
import pyarrow.parquet as pq
import pytest

from factories import parley
from promptrail import frames
from promptrail.case import Case


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return parley().write(tmp_path_factory.mktemp("frames"))


@pytest.mark.parametrize("name", sorted(frames.FRAMES))
def test_every_frame_opens(case: Case, name: str) -> None:
    """Rows and columns are the same in each of them."""
    file = str(case.frames_folder / f"{name}.parquet")
    rows, columns = pq.read_metadata(file).num_rows, [column.name for column in frames.FRAMES[name]]
    with duckdb.connect() as database:
        found = database.execute("SELECT * FROM read_parquet(?)", [file])
        assert [column[0] for column in found.description] == columns
        assert len(found.fetchall()) == rows
    table = polars.read_parquet(file)
    assert (table.columns, table.height) == (columns, rows)
    lazy = dask.dataframe.read_parquet(file)
    assert (list(lazy.columns), len(lazy)) == (columns, rows)


def test_a_question_over_two_frames(case: Case) -> None:
    """Which prompt reached which host: plain SQL over the files says what pandas says."""
    sightings, flows = (str(case.frames_folder / f"{name}.parquet") for name in ("sightings", "flows"))
    with duckdb.connect() as database:
        told = database.execute(
            "SELECT DISTINCT s.probe, f.host FROM read_parquet(?) s JOIN read_parquet(?) f USING (flow) "
            "WHERE NOT s.decoy ORDER BY ALL",
            [sightings, flows],
        ).fetchall()
    joined = case.sightings[~case.sightings["decoy"].astype(bool)].merge(case.flows, on="flow")
    assert told == sorted(set(zip(joined["probe"], joined["host_y"], strict=True)))
    assert told


def test_bodies_come_out_whole(case: Case) -> None:
    """A body read by Polars is the bytes that the case gives."""
    for row in polars.read_parquet(case.frames_folder / "bodies.parquet").iter_rows(named=True):
        assert row["data"] == case.bytes_of(row["sha256"])
