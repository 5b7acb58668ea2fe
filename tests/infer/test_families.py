"""The level of the whole procedure: how often is any of twenty hosts called dependent when none is?"""

import pytest

from benchmarks.opaque import DRAWS, HOSTS, families, read_noise

MOST = 0.026
"""Upper 95 % limit of a share of 0.01 over 500 families."""


def test_the_noise_was_fitted_to_recordings() -> None:
    """Twenty runs of the lab or more, in three profiles, with sizes in order and counts that add up."""
    kinds = read_noise()
    assert {kind.name.split()[0] for kind in kinds} == {"quiet", "moderate", "loud"}
    for part in (part for kind in kinds for part in kind.parts):
        assert sum(part.counts) == pytest.approx(1, abs=1e-3) and list(part.sizes) == sorted(part.sizes)


def test_a_few_families_raise_no_alarm() -> None:
    """Three families of twenty hosts, by the same procedure as the long proof."""
    found = families(3, seed=12)
    assert found.alarms <= 1 and found.hosts == 3 * HOSTS
    assert found.below.get(0.05, 0) <= 0.05 * found.hosts + 3 * (0.05 * 0.95 * found.hosts) ** 0.5


@pytest.mark.long
def test_families_keep_their_level() -> None:
    """500 families of 20 hosts at level 0.01: at most 2.6 % with an alarm, and single p no smaller than they may be."""
    found = families(500)
    assert found.alarms <= MOST * found.families, found
    assert found.below.get(0.01, 0) <= 0.013 * found.hosts, found
    assert found.below.get(1 / (DRAWS + 1), 0) <= 0.0012 * found.hosts, found
