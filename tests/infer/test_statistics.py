"""Each statistic grows with what it is made for: the drawn order is at the top of its reassignments."""

from dataclasses import replace

import numpy as np
import pytest

from infer import simulate
from promptrail.infer.doses import Doses, doses
from promptrail.infer.randomisation import table_of
from promptrail.infer.reassign import Reassignments, stream
from promptrail.infer.response import Traffic
from promptrail.infer.statistics import NAMES

PLAN = simulate.dose(8, controls=40)
"""So many controls that few prompts follow each other: the next window is then mostly quiet."""
MADE_FOR: dict[str, simulate.Behaviour] = {
    "linear, same window": simulate.uploader(),
    "rank, same window": simulate.uploader("deflate"),
    "ratio, same window": simulate.uploader("hex", share=0.6),
    "linear, next": simulate.uploader(late=1.0),
    "rank, next": simulate.uploader(late=1.0),
    "ratio, next": simulate.uploader(share=0.5, late=1.0),
    "linear, both": simulate.uploader(late=0.5),
    "rank, both": simulate.uploader(late=0.5),
    "ratio, both": simulate.uploader(late=0.5),
    "flush": simulate.uploader(batch=2),
    "knee 256, same window": simulate.uploader(cap=256),
    "knee 1,024, same window": simulate.uploader(cap=1024),
    "knee 256, both": simulate.uploader(cap=256, late=0.5),
    "knee 1,024, both": simulate.uploader(cap=1024, late=0.5),
    "line, same window": simulate.uploader("base64"),
    "capped line, same window": simulate.uploader(cap=1024),
    "line, both": simulate.uploader(late=0.5),
    "capped line, both": simulate.uploader(cap=1024, late=0.5),
}
DRAWS = Reassignments.drawn(40, 999, stream(PLAN.seed, "statistics"))


def seen(behaviour: simulate.Behaviour, profile: str = "quiet") -> tuple[Doses, Traffic]:
    traffic = simulate.host(PLAN, np.random.default_rng(5), behaviour, profile=profile)
    return doses(PLAN, simulate.recorded(PLAN, {"h": traffic})), traffic


def test_every_statistic_is_tried() -> None:
    """The table above names each statistic once."""
    assert sorted(MADE_FOR) == sorted(NAMES)


@pytest.mark.parametrize("name", MADE_FOR)
def test_a_statistic_sees_what_it_is_made_for(name: str) -> None:
    """The drawn lengths are among the best 3 in 100 of their reassignments."""
    table = table_of(*seen(MADE_FOR[name]), DRAWS)[:, NAMES.index(name)]
    assert (table >= table[0]).mean() <= 0.03


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith(("linear", "rank", "knee"))])
def test_a_fall_is_not_a_rise(name: str) -> None:
    """Bytes that shrink with length: at the bottom, not at the top."""
    given, traffic = seen(MADE_FOR[name])
    fewer = replace(traffic, sent=traffic.sent.max() - traffic.sent)
    table = table_of(given, fewer, DRAWS)[:, NAMES.index(name)]
    assert (table >= table[0]).mean() >= 0.9


def test_a_constant_burst_does_not_hide_a_capped_text() -> None:
    """In loud noise, beside an event of constant size that lies on every capped line."""
    table = table_of(*seen(MADE_FOR["capped line, same window"], "loud"), DRAWS)
    column = table[:, NAMES.index("capped line, same window")]
    assert (column >= column[0]).mean() <= 0.01


def test_constant_bursts_alone_give_no_line() -> None:
    """Every window has the same burst: no reassignment is better than another."""
    given, traffic = seen(simulate.NULLS["nothing"])
    every = np.arange(given.windows)
    same = replace(traffic, sent=np.full(len(every), 500.0), window=every, size=np.full(len(every), 500.0))
    table = table_of(given, same, DRAWS)
    assert np.ptp(
        table[:, [NAMES.index(n) for n in NAMES if n.endswith("line, same window")]], axis=0
    ).tolist() == [0.0, 0.0]
