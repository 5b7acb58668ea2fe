"""Noise that is drawn has the counts and sizes it was given, and what is fitted draws what was seen."""

import numpy as np
import pytest

from infer import simulate
from promptrail.infer.noise import AT, KINDS, Noise, Part, drawn, fitted

SENT = np.arange(3000) % 5 > 0


def test_counts_and_sizes_are_those_of_the_part() -> None:
    """A third of the windows hold two bursts, their sizes between the quantiles."""
    noise = Noise("n", (Part((2 / 3, 0.0, 1 / 3), tuple(1000 + 100 * at for at in AT)),))
    traffic = drawn(noise, SENT, "ab", "test")
    counts = np.bincount(traffic.window, minlength=len(SENT))
    assert set(counts.tolist()) == {0, 2} and (counts == 2).mean() == pytest.approx(1 / 3, abs=0.03)
    assert traffic.size.min() >= 1000 and traffic.size.max() <= 1100
    assert np.median(traffic.size) == pytest.approx(1050, abs=5)


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_comes_with_a_send_alone(kind: str) -> None:
    """Windows without a prompt have no burst of the event's size."""
    traffic = drawn(KINDS[kind], SENT, "ab", "test")
    events = np.unique(traffic.window[(traffic.size > 380) & (traffic.size < 460)])
    if kind == "quiet":
        assert SENT[events].all()
    assert np.isin(np.flatnonzero(SENT), events).mean() > 0.95


def test_kinds_differ_in_volume() -> None:
    """Quiet, moderate and loud, in this order."""
    totals = [drawn(KINDS[kind], SENT, "ab", "test").total for kind in ("quiet", "moderate", "loud")]
    assert totals[0] < 0.5 * totals[1] < 0.25 * totals[2]


def test_what_is_fitted_draws_what_was_seen() -> None:
    """Bytes a window and the median burst of a host come back within a tenth."""
    plan = simulate.dose(40, draws=99)
    traffic = simulate.host(plan, np.random.default_rng(1), profile="moderate")
    noise = fitted("h", [(plan, simulate.recorded(plan, {"h": traffic}))], "h", every_window=True)
    again = drawn(noise, np.ones(5000, bool), "ab", "test")
    assert np.median(again.size) == pytest.approx(np.median(traffic.size), rel=0.1)
    assert len(again.size) / 5000 == pytest.approx(len(traffic.size) / len(traffic.sent), rel=0.1)


def test_controls_alone_are_used_unless_all_is_asked_for() -> None:
    """An uploader's texts are not in its noise: controls and drafts hold none."""
    plan = simulate.dose(10, draws=99)
    traffic = simulate.host(plan, np.random.default_rng(1), simulate.uploader())
    seen = [(plan, simulate.recorded(plan, {"h": traffic}))]
    assert max(fitted("h", seen, "h").parts[0].sizes) < 1000
    assert max(fitted("h", seen, "h", every_window=True).parts[0].sizes) > 8000


@pytest.mark.parametrize("host", ["silent", "unknown"])
def test_a_silent_host_has_no_parts(host: str) -> None:
    """Nothing seen, nothing drawn."""
    plan = simulate.dose(2, draws=99)
    recorded = simulate.recorded(
        plan, {"silent": simulate.host(plan, np.random.default_rng(1), profile="silent")}
    )
    recorded.hosts["silent"].window[:] = 0
    noise = fitted("n", [] if host == "unknown" else [(plan, simulate.recorded(plan, {}))], host)
    assert noise.parts == () and drawn(noise, SENT, "ab", "x").total == 0


def test_one_seed_and_purpose_gives_one_noise() -> None:
    """The same twice, another purpose another draw."""
    one, same, other = (drawn(KINDS["loud"], SENT, "ab", purpose).total for purpose in ("a", "a", "b"))
    assert one == same != other
