"""Uploads that are added to a recording: what is added, who is found, and what counting alone excludes."""

from dataclasses import replace

import numpy as np
import pytest

from infer import simulate
from promptrail.infer.alternatives import ALTERNATIVES, HEAD, Upload
from promptrail.infer.doses import doses
from promptrail.infer.response import Traffic
from promptrail.infer.spikes import Power, Trials, detectable, held, powers

PLAN = simulate.dose(6, draws=999)
LEVEL = 0.01 / 5


def host(
    behaviour: simulate.Behaviour = simulate.NULLS["hash"], profile: str = "quiet", seed: int = 1
) -> Traffic:
    return replace(simulate.host(PLAN, np.random.default_rng(seed), behaviour, profile=profile), total=MUCH)


MUCH = 1e9
"""Bytes in all, where counting is not to exclude anything."""
GIVEN = doses(PLAN, simulate.recorded(PLAN, {"h": host()}))


def test_an_upload_is_what_it_says() -> None:
    """A head, the slope times the text up to its cap, 22 bytes a record; in the share of the prompts."""
    trials = Trials.of(GIVEN, "ab", LEVEL, 30)
    upload = Upload(2.0, cap=1000)
    prompt, size = trials.bursts(upload, 4)
    length = np.minimum(GIVEN.length[trials.drawn[4]], 1000)
    assert prompt.tolist() == list(range(GIVEN.count))
    assert abs(size - 22 - HEAD - 2 * length).max() < 60
    sent = [len(trials.bursts(Upload(1.0, share=0.3), n)[0]) for n in range(30)]
    assert np.mean(sent) == pytest.approx(0.3 * GIVEN.count, abs=1.5)


def test_each_trial_is_another_draw() -> None:
    """Fresh lengths in each trial, the same rows to compare with, all permutations."""
    trials = Trials.of(GIVEN, "ab", LEVEL, 5)
    assert len({tuple(row) for row in trials.drawn}) == 5
    assert len(trials.others) == 499 and (np.sort(trials.others, axis=1) == np.arange(GIVEN.count)).all()
    assert (trials.rows(2).draws.rows[0] == trials.drawn[2]).all()


def test_the_rows_of_a_large_family_are_bounded() -> None:
    """A thousand hosts would need 99,999 rows a trial: 1,999 are taken."""
    assert len(Trials.of(GIVEN, "ab", 0.01 / 1000, 1).others) == 1_999


def test_whole_texts_are_found_and_nothing_is_not() -> None:
    """Power of one for the whole text; an upload of no text is found no more often than chance."""
    found = powers(GIVEN, {"h": host()}, [Upload(1.0), Upload(0.0)], "ab", LEVEL, 12)["h"]
    assert found[0] == Power(12, 12) and found[0].excluded
    assert found[1].found <= 1 and not found[1].excluded


def test_a_hopeless_upload_is_given_up_early() -> None:
    """With the second miss of twelve trials nineteen in twenty are out of reach."""
    power = powers(GIVEN, {"h": host()}, [Upload(0.0)], "ab", LEVEL, 12)["h"][0]
    assert power.trials < 12 and power.share == power.found / power.trials


def test_a_host_is_judged_the_same_alone_and_among_others() -> None:
    """The shared reassignments and uploads make no host depend on another."""
    loud = host(profile="loud", seed=2)
    uploads = list(ALTERNATIVES.values())[:2]
    both = powers(GIVEN, {"a": host(), "b": loud}, uploads, "ab", LEVEL, 6)
    assert both["b"] == powers(GIVEN, {"b": loud}, uploads, "ab", LEVEL, 6)["b"]


@pytest.mark.parametrize(
    ("total", "upload", "possible"),
    [
        (1e9, Upload(1.0), True),
        (100.0, Upload(1.0), False),
        (100.0, Upload(1.0, cap=1024), False),
        (100.0, Upload(1.0, share=0.1), True),
    ],
)
def test_what_the_bytes_cannot_hold_is_excluded_by_counting(
    total: float, upload: Upload, possible: bool
) -> None:
    """Fewer bytes than the text's entropy; a share of the prompts may always be none of the long ones."""
    few = replace(host(), total=total)
    assert held(GIVEN, few, upload) == possible
    power = powers(GIVEN, {"h": few}, [upload], "ab", LEVEL, 2)["h"][0]
    assert power.counted != possible and (power.excluded or possible)


def test_a_louder_host_hides_more() -> None:
    """The least slope that is found does not fall as noise rises."""
    quiet = detectable(GIVEN, host(), "ab", LEVEL, 6)
    loud = detectable(GIVEN, host(profile="loud"), "ab", LEVEL, 6)
    assert quiet is not None and quiet <= 0.5
    assert loud is None or loud >= quiet


def test_one_seed_gives_one_power() -> None:
    """The same seed twice; nothing comes from the machine."""
    one, other = (powers(GIVEN, {"h": host()}, [Upload(0.1)], "ab", LEVEL, 5) for _ in range(2))
    assert one == other
