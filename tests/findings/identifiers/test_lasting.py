"""Whether a value lasts: over restarts, over resets, and where nothing was recorded that could say so."""

from pathlib import Path

import pytest

from factories import BEGAN, DEVICE, Rows, compact
from promptrail.findings.identifiers.lasting import Lasting, lasting, resets

RUNS = ["r0", "r1", "r2"]


def over(folder: Path, seen: set[str], anew: dict[str, str]) -> Lasting:
    """Three runs 100 s apart; the value in some of them, events at the start of others."""
    rows = Rows()
    rows.probe("did", "identifier", DEVICE)
    for n, run in enumerate(RUNS):
        rows.run(run, BEGAN + 100 * n)
        if run in anew:
            rows.event(run, 100 * n, anew[run])
        data = compact({"id": DEVICE if run in seen else "", "n": n})
        flow = rows.flow(run, "a.test", data, 100 * n + 5)
        if run in seen:
            rows.sighting(flow, "did", data, 100 * n + 5)
    case = rows.write(folder)
    return lasting(case.sightings, RUNS, resets(case, RUNS))


@pytest.mark.parametrize(
    ("seen", "anew", "words"),
    [
        ({"r0", "r1", "r2"}, {}, "seen in 3 of 3 runs"),
        ({"r0"}, {}, "seen in 1 of 3 runs"),
        ({"r0", "r2"}, {"r2": "cleared"}, "seen in 2 of 3 runs; the same after 1 reset of the app"),
        ({"r0", "r1"}, {"r2": "installed"}, "seen in 2 of 3 runs; not seen on both sides of 1 reset of the app"),
        ({"r0"}, {"r0": "cleared"}, "seen in 1 of 3 runs"),
        ({*RUNS}, {"r1": "cleared", "r2": "cleared"}, "seen in 3 of 3 runs; the same after 2 resets of the app"),
        ({"r0", "r1"}, {"r1": "launch"}, "seen in 2 of 3 runs"),
    ],
)  # fmt: skip
def test_what_is_said_of_it(tmp_path: Path, seen: set[str], anew: dict[str, str], words: str) -> None:
    """A reset before anything was recorded divides nothing, and a launch is no reset."""
    assert over(tmp_path / "case", seen, anew).words == words
