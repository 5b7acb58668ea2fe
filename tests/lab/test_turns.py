"""Turns: of runs that are recorded at once, each begins after the one before it has met a server, or ended."""

import threading
from pathlib import Path

import pytest

from promptrail.case.evidence import LINES
from promptrail.lab.turns import Turns

CONNECTION = b'{"k":"start"}\n{"k":"connection","t":1.0}\n'


def test_a_run_begins_when_the_one_before_it_has_met_a_server(tmp_path: Path) -> None:
    """Not when it was only started; the first one waits for nobody."""
    turns, begun = Turns(["a", "b"]), threading.Event()

    def second() -> None:
        with turns.turn("b", lambda: None):
            begun.set()

    with turns.turn("a", lambda: None):
        other = threading.Thread(target=second)
        other.start()
        (tmp_path / LINES).write_bytes(b'{"k":"start"}\n')
        turns.look("a", tmp_path)
        assert not begun.wait(0.3)
        (tmp_path / LINES).write_bytes(CONNECTION)
        turns.look("a", tmp_path)
        assert begun.wait(10)
    other.join(10)


def test_a_run_that_ended_holds_nobody_up(tmp_path: Path) -> None:
    """Also where it met no server, and where it failed."""
    turns = Turns(["a", "b", "c"])
    with pytest.raises(OSError, match="full"), turns.turn("a", lambda: None):
        raise OSError("full")
    with turns.turn("b", lambda: None):
        turns.look("b", tmp_path)  # no evidence yet
    with turns.turn("c", lambda: None):
        pass


def test_who_waits_is_told_that_there_is_nothing_to_wait_for() -> None:
    """The recording was stopped meanwhile."""

    def stopped() -> None:
        raise KeyboardInterrupt

    turns = Turns(["a", "b"])
    with pytest.raises(KeyboardInterrupt), turns.turn("b", stopped):
        pytest.fail("it began")
