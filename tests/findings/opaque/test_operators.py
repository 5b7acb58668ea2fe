"""Hosts of one operator together: what is split over names adds up, and nothing is added up on a guess."""

from pathlib import Path

import numpy as np

from factories import Rows
from promptrail.case import Case
from promptrail.findings.opaque.operators import added, operators
from promptrail.infer.response import Recorded, Traffic


def traffic(*sent: float) -> Traffic:
    sizes = np.array(sent)
    nothing = np.zeros(len(sent))
    return Traffic(sizes, nothing, nothing * np.nan, np.arange(len(sent)), sizes, float(sizes.sum()))


def recording(*hosts: str) -> Recorded:
    return Recorded(2, np.array([0, 1]), {host: traffic(10.0 * n, 1.0) for n, host in enumerate(hosts, 1)})


def case_of(folder: Path, **operator: str) -> Case:
    rows = Rows()
    for name, who in operator.items():
        rows.recipient(f"{name}.test", service_operator=who)
    return rows.write(folder / "case")


def test_hosts_of_one_operator_are_added_up(tmp_path: Path) -> None:
    """One entry more, under the names of its hosts; each host stays."""
    case = case_of(tmp_path, a="Brightmoor", b="Brightmoor", c="Tidewell")
    found = recording("a.test", "b.test", "c.test")
    groups = operators(case, found, "chat.test")
    assert groups == {"a.test and b.test together": ("a.test", "b.test")}
    summed = added(found, groups)
    assert list(summed.hosts) == ["a.test", "b.test", "c.test", "a.test and b.test together"]
    both = summed.hosts["a.test and b.test together"]
    assert (list(both.sent), both.total) == ([30.0, 2.0], 32.0)
    assert sorted(both.size) == [1.0, 1.0, 10.0, 20.0]


def test_nothing_is_added_up_on_a_guess(tmp_path: Path) -> None:
    """Not hosts of whom nobody spoke, not those of whom sources disagree, not the first party's."""
    case = case_of(tmp_path, a="Brightmoor", own="Parley Labs", **{"log.own": "Parley Labs"})
    rows = Rows()
    for who in ("Brightmoor", "Tidewell"):
        rows.recipient("d.test", service_operator=who)
    disputed = rows.write(tmp_path / "second")
    hosts = recording("a.test", "d.test", "unknown.test", "other.test", "own.test", "log.own.test")
    assert operators(case, hosts, "own.test") == {}
    assert operators(disputed, hosts, "own.test") == {}


def test_many_names_stay_one_label(tmp_path: Path) -> None:
    """Three are named, the rest is counted."""
    case = case_of(tmp_path, **dict.fromkeys("abcde", "Brightmoor"))
    (label,) = operators(case, recording(*(f"{name}.test" for name in "abcde")), "")
    assert label == "a.test, b.test, c.test and 2 more together"
