"""What one message may cost: each limit cuts by itself, says which it was, and stays cut."""

from dataclasses import replace

import pytest

from promptrail.decode.limits import EVERY, LIMITS, MIB, Budget

FEW = replace(
    LIMITS, layers=10, bytes=40 * MIB, free=2 * MIB, ratio=100, depth=3, inflated=8 * MIB, seconds=5.0
)


class Clock:
    """A clock that goes on by `step` seconds whenever it is read."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def test_an_ordinary_message_stays_within() -> None:
    """A telemetry batch of 10 MB with 50,000 values, each in four layers, spends no limit."""
    budget = Budget(10_000_000)
    assert all(budget.spend(200, depth) for depth in (1, 2, 3, 4) for _ in range(50_000))
    assert budget.over is None


@pytest.mark.parametrize(
    ("sent", "sizes", "words"),
    [
        (1000, [1] * 11, "more than 10 values"),
        (1000, [MIB, MIB, 1], "more than 2 MiB"),
        (100_000, [9 * MIB, MIB], "more than 9 MiB"),
        (10 * MIB, [39 * MIB, 2 * MIB], "more than 40 MiB"),
    ],
    ids=["number", "the free bytes of a small message", "ratio", "bytes"],
)
def test_each_limit_is_told_by_its_name(sent: int, sizes: list[int], words: str) -> None:
    """The last layer is the one that is too much; after it there is no other, however small."""
    budget = Budget(sent, FEW)
    assert all(budget.spend(size) for size in sizes[:-1]) and budget.over is None
    assert not budget.spend(sizes[-1]) and budget.over is not None and words in budget.over
    assert not budget.spend(0)


def test_what_is_too_deep_is_cut_alone() -> None:
    """Its neighbours are taken apart: depth is a fault of one value, not of the message."""
    budget = Budget(1000, FEW)
    assert budget.spend(1, depth=2) and not budget.spend(1, depth=3) and budget.spend(1, depth=2)
    assert budget.over is None


def test_time_is_the_last_resort_and_told_as_such() -> None:
    """A clock that has run out cuts at the next look at it, and the words say that it was this machine's time."""
    slow = Budget(1000, replace(FEW, layers=10 * EVERY), Clock(step=6.0))
    spent = [slow.spend(1) for _ in range(2 * EVERY)]
    assert spent == [True] * (EVERY - 1) + [False] * (EVERY + 1)
    assert slow.over == "time: more than 5 s for one message on this machine"


@pytest.mark.parametrize(
    ("size", "room"), [(0, 2 * MIB), (20_000, 2 * MIB), (50_000, 5_000_000), (MIB, 8 * MIB)]
)
def test_a_stream_may_give_so_much(size: int, room: int) -> None:
    """What is free, then the ratio, then what one stream may give at all."""
    assert FEW.room(size) == room
