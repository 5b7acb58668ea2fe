"""From events and bursts to windows: which bytes belong to which slot, and what happens to broken input."""

import numpy as np
import pandas as pd
import pytest

from infer import simulate
from promptrail.infer.plan import Plan, digest, draw
from promptrail.infer.response import UNKNOWN, Recorded, grouped, observe

PLAN = draw("dose", simulate.SEED, lengths=(64, 512), per_length=1, controls=1, drafts=0, draws=199)
EVENTS = ["run", "at", "event", "probe", "label"]
BURSTS = ["run", "host", "connection", "at", "direction", "size", "records"]
Row = tuple[float, str, float]


def events(
    plan: Plan = PLAN, run: str = "a", first: int = 0, count: int = 3, start: float = 100.0
) -> pd.DataFrame:
    """Slots of ten seconds: paste from 0 to 4, slot from 4 to 9, a second without a name, then 20 s of drain."""
    rows = [(run, start, "plan", None, digest(plan))]
    for n in range(count):
        rows += [
            (run, start + 10 * n + 4, "slot", None, str(first + n)),
            (run, start + 10 * n + 9, "slot-end", None, str(first + n)),
        ]
    return pd.DataFrame([*rows, (run, start + 10 * count, "drain", None, "")], columns=EVENTS)


def bursts(*rows: Row, run: str = "a", direction: str = "request") -> pd.DataFrame:
    """(at, host, size); each row its own connection."""
    return pd.DataFrame(
        [(run, host, str(n), at, direction, size, 1) for n, (at, host, size) in enumerate(rows)],
        columns=BURSTS,
    )


@pytest.mark.parametrize(
    ("at", "window"),
    [
        (99.0, None),
        (100.0, 0),
        (104.5, 0),
        (108.9, 0),
        (109.1, 1),
        (112.0, 1),
        (114.0, 1),
        (119.5, 2),
        (129.0, 3),
        (900.0, 3),
    ],
)
def test_a_burst_belongs_to_the_slot_that_ends_next(at: float, window: int | None) -> None:
    """The paste before a send is its own slot's; behind the last slot is the drain; before the plan is no window."""
    recorded = observe(PLAN, events(), bursts((at, "h", 700)))
    assert recorded.windows == 4
    assert recorded.hosts["h"].sent.tolist() == [700.0 if n == window else 0.0 for n in range(4)]
    assert recorded.hosts["h"].total == 700


def test_without_its_end_a_slot_lasts_until_the_next() -> None:
    """A recorder that writes only starts: bytes before the next send are this slot's."""
    told = events()
    recorded = observe(
        PLAN, told[told["event"] != "slot-end"], bursts((110, "h", 5), (115, "h", 7), (140, "h", 9))
    )
    assert recorded.hosts["h"].sent.tolist() == [5, 7, 0, 9]


def test_records_close_together_are_one_burst() -> None:
    """Less than the gap apart, in one direction of one connection."""
    rows = [(105.0, "h", 10.0), (105.2, "h", 20.0), (105.7, "h", 40.0)]
    one = bursts(*rows).assign(connection="c")
    assert observe(PLAN, events(), one).hosts["h"].size.tolist() == [30, 40]
    assert observe(PLAN, events(), bursts(*rows)).hosts["h"].size.tolist() == [10, 20, 40]
    assert observe(PLAN, events(), one, gap=0.01).hosts["h"].size.tolist() == [10, 20, 40]


def test_answers_are_counted_apart() -> None:
    """Bytes received per window, and how long after the send the last of them came."""
    answers = bursts((106.0, "h", 50), (107.5, "h", 60), (111.0, "h", 70), direction="response")
    host = observe(PLAN, events(), answers).hosts["h"]
    assert host.received.tolist() == [110, 70, 0, 0]
    assert host.answered[0] == pytest.approx(3.5) and np.isnan(host.answered[1:]).all()
    assert host.sent.sum() == 0


def test_a_plan_goes_on_in_the_next_run() -> None:
    """Two runs: each has its own drain, so nothing of the second is taken for a late answer of the first."""
    told = pd.concat([events(count=2), events(run="b", first=2, count=1, start=5000.0)])
    sent = pd.concat([bursts((200.0, "h", 3)), bursts((5005.0, "h", 4), (5100.0, "h", 5), run="b")])
    recorded = observe(PLAN, told, sent)
    assert recorded.runs == ("a", "b")
    assert recorded.window_of.tolist() == [0, 1, 3]
    assert recorded.hosts["h"].sent.tolist() == [0, 0, 3, 4, 5]


def test_runs_of_another_plan_are_left_out() -> None:
    """Neither their bytes nor their hosts are seen: the digest in the event decides."""
    other = draw("dose", "ff" * 16, lengths=(64,), per_length=3, controls=0, drafts=0, draws=199)
    told = pd.concat([events(), events(other, run="b", start=5000.0)])
    recorded = observe(PLAN, told, pd.concat([bursts((105, "h", 1)), bursts((5005, "k", 1), run="b")]))
    assert recorded.runs == ("a",) and list(recorded.hosts) == ["h"]


def test_a_failed_prompt_is_not_used_until_it_is_repeated() -> None:
    """slot-failed takes a slot out; the same slot begun again behind it puts it back, in its later window."""
    fail = pd.DataFrame([("a", 108.0, "slot-failed", None, "0")], columns=EVENTS)
    told = pd.concat([events(), fail])
    assert observe(PLAN, told, bursts()).failed == (0,)
    again = pd.DataFrame(
        [
            ("a", 128.5, "slot-end", None, "2"),
            ("a", 132.0, "slot", None, "0"),
            ("a", 138.0, "slot-end", None, "0"),
        ],
        columns=EVENTS,
    )
    repeated = observe(PLAN, pd.concat([told, again]), bursts((133.0, "h", 9)))
    assert repeated.failed == () and repeated.window_of.tolist() == [3, 1, 2]
    assert repeated.hosts["h"].sent[3] == 9


def test_unknown_hosts_and_broken_rows_are_counted() -> None:
    """No host is a host of its own; no time or size is unplaced, and bytes without a time still count in the total."""
    rows = bursts((105, "h", 1), (np.nan, "h", 30), (105, "h", np.nan), (105, "h", -4)).astype(
        {"host": object}
    )
    rows.loc[len(rows)] = ["a", None, "x", 105.0, "request", 8, 1]
    recorded = observe(PLAN, events(), rows)
    assert recorded.unplaced == 3
    assert recorded.hosts["h"].total == 31 and recorded.hosts["h"].sent.sum() == 1
    assert recorded.hosts[UNKNOWN].sent[0] == 8


@pytest.mark.parametrize("empty", [True, False])
def test_nothing_recorded_is_no_error(empty: bool) -> None:
    """No events, or a plan whose slots have no name."""
    told = (
        events().iloc[:0]
        if empty
        else events().assign(label=lambda e: e["label"].where(e["event"] == "plan", "?"))
    )
    recorded = observe(PLAN, told, bursts((105, "h", 1)) if not empty else bursts())
    assert recorded.window_of.tolist() == [-1, -1, -1]
    assert recorded.slots(PLAN, "prompt") == []


@pytest.mark.parametrize("label", ["99999", "9" * 5000, "-1", "", "²", None])
def test_slots_that_the_plan_does_not_have_are_ignored(label: str | None) -> None:
    """An event that names no slot of a plan of three moves nothing."""
    told = events()
    told.loc[told["label"] == "2", "label"] = label
    assert observe(PLAN, told, bursts()).window_of.tolist() == [0, 1, -1]


def test_a_broken_run_is_named() -> None:
    """What the frame of runs says of completeness is handed on; null is not complete."""
    runs = pd.DataFrame({"run": ["a"], "complete": pd.array([None], dtype="boolean")})
    assert observe(PLAN, events(), bursts(), runs).broken == ("a",)
    assert observe(PLAN, events(), bursts(), runs.assign(complete=True)).broken == ()


def test_the_order_of_rows_does_not_matter() -> None:
    """Shuffled events and bursts give the same arrays."""
    plan = simulate.dose(2)
    told, sent = simulate.frames(
        plan, {"h": simulate.host(plan, np.random.default_rng(1), simulate.uploader())}
    )
    one = observe(plan, told, sent)
    other = observe(plan, told.sample(frac=1, random_state=1), sent.sample(frac=1, random_state=2))
    assert one.window_of.tolist() == other.window_of.tolist()
    assert one.hosts["h"].size.tolist() == other.hosts["h"].size.tolist()


def test_a_group_is_the_sum_of_its_hosts() -> None:
    """By organisation: bytes add up, bursts stay apart, a group without any host is left out."""
    recorded = observe(PLAN, events(), bursts((105, "a.test", 1), (105, "b.test", 2), (115, "c.test", 4)))
    both = grouped(recorded, {"B": ["b.test", "a.test"], "C": ["c.test"], "D": ["d.test"]})
    assert isinstance(both, Recorded) and list(both.hosts) == ["B", "C"]
    assert both.hosts["B"].sent[0] == 3 and both.hosts["B"].size.tolist() == [1, 2]
    assert both.hosts["B"].total == 3
