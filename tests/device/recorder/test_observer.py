"""What observing does to the app: the same steps with QUIC allowed, refused, and without a proxy, side by side."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from promptrail import ingest
from promptrail.case import Case
from promptrail.case.evidence import verify
from promptrail.device.recorder import record
from promptrail.device.scenario import read
from promptrail.errors import RecordingError
from promptrail.lab.world import CLOUD
from rigs.android.recording import SHORT, Bench, bench, record_of, scenario

pytestmark = pytest.mark.rig
VARIANTS = """
[[variant]]
name = "refused"
[[variant]]
name = "allowed"
quic = "allowed"
[[variant]]
name = "bare"
proxy = false
"""


@pytest.fixture(scope="module")
def the(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("bench")) as one, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", one.env["XDG_STATE_HOME"])
        yield one


def test_hosts_and_bytes_of_each_variant(the: Bench, tmp_path: Path) -> None:
    """Told apart by their scenario; the frames say what each saw of the same app: hosts, bytes, QUIC."""
    case, before = the.case(tmp_path / "case"), the.state()
    file = scenario(tmp_path, "watched", VARIANTS, SHORT)
    names = record(case, read(file), the.the.device, the.choices(film=False))
    assert names == ["watched-refused", "watched-allowed", "watched-bare"] and the.state() == before
    assert [verify(case.captures / name) for name in names] == [[], [], []]
    ingest.frames_of(case)
    runs = case.runs.set_index("scenario")
    assert list(runs["run"]) == sorted(names) and set(runs.index) == set(names) and runs["complete"].all()
    assert set(runs["app"]) == {"Parley"} and set(runs["app_version"]) == {"4.2.0"}
    assert list(runs.loc["watched-bare", "witnesses"]) == ["packets"] and runs["simulated"].all()

    seen = case.connections
    seen = seen[~seen["host"].fillna("").str.endswith("promptrail.test")]
    hosts = {name: set(part["host"].dropna()) for name, part in seen.groupby("run")}
    assert all(CLOUD in hosts[name] for name in names)  # the app talks to the same host, read or not
    out = seen[seen["host"] == CLOUD].groupby("run")["bytes_out"].sum()
    assert out["watched-bare"] > 0
    outcomes = {name: set(part.loc[part["host"] == CLOUD, "outcome"]) for name, part in seen.groupby("run")}
    assert outcomes["watched-refused"] == outcomes["watched-allowed"] == {"read"} != outcomes["watched-bare"]

    told = {name: record_of(case, name) for name in names}
    quic = {name: one["past_the_proxy"].get("past_quic_packets") for name, one in told.items()}
    assert quic == {"watched-refused": 0, "watched-allowed": 3, "watched-bare": None}
    assert [told[name]["quic"] for name in names] == ["refused", "allowed", "allowed"]
    udp = seen[(seen["transport"] == "udp") & (seen["dest_port"] == 443)]
    assert set(udp["run"]) == {"watched-allowed", "watched-bare"}
    assert told["watched-bare"]["changes"] == [] and "proofs" not in told["watched-bare"]


def test_a_bare_run_needs_an_interface(the: Bench, tmp_path: Path) -> None:
    """Without a proxy and without packets nothing would see the traffic: refused, and nothing is left of it."""
    case, before = the.case(tmp_path / "case"), the.state()
    file = scenario(tmp_path, "watched", "proxy = false\n", SHORT)
    with pytest.raises(RecordingError, match="needs --interface"):
        record(case, read(file), the.the.device, the.choices(watched=False, film=False))
    assert the.state() == before
    assert not record_of(case, "watched")["complete"]


def test_a_bare_run_that_breaks_off(the: Bench, tmp_path: Path) -> None:
    """Its packets are read, and the run is not whole."""
    case = Case.open(the.case(tmp_path / "case").path)
    steps = SHORT.replace('choice = "accept"', 'choice = "accept"\ntext = "^Jump$"\nwait = 0')
    file = scenario(tmp_path, "watched", "proxy = false\n", steps)
    with pytest.raises(RecordingError, match="Jump"):
        record(case, read(file), the.the.device, the.choices(film=False))
    ingest.frames_of(case)
    assert case.runs[["complete", "scenario", "app"]].values.tolist() == [[False, "watched", "Parley"]]
    assert "Jump" in case.problems["what"].str.cat(sep=" ")
