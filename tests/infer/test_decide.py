"""Every outcome on simulated hosts of one experiment, and what a failed control takes back."""

import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

from infer import simulate
from promptrail.errors import ParameterError
from promptrail.infer.decide import Experiment, analyse, enough_draws
from promptrail.infer.plan import draw
from promptrail.infer.response import Recorded, Traffic, grouped, observe
from promptrail.infer.verdicts import HostVerdict

PLAN = simulate.dose(10, draws=1_999, spikes=8)
HOSTS: dict[str, tuple[simulate.Behaviour, str]] = {
    "chat.example": (simulate.uploader(), "quiet"),
    "base64.example": (simulate.uploader("base64"), "moderate"),
    "capped.example": (simulate.uploader(cap=1024), "moderate"),
    "sampled.example": (simulate.uploader(share=0.4), "quiet"),
    "layout.example": (simulate.layout, "quiet"),
    "hash.example": (simulate.NULLS["hash"], "quiet"),
    "keys.example": (simulate.keystrokes(), "moderate"),
    "waiting.example": (simulate.waiting, "quiet"),
    "padded.example": (simulate.uploader(layer="pad16384"), "quiet"),
    "nothing.example": (lambda out, chance: out.add(3, 200.0), "silent"),
}


def hosts(seed: int = 3) -> dict[str, Traffic]:
    chance = np.random.default_rng(seed)
    return {
        name: simulate.host(PLAN, chance, behaviour, profile=profile)
        for name, (behaviour, profile) in HOSTS.items()
    }


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return analyse(PLAN, simulate.recorded(PLAN, hosts()))


def of(experiment: Experiment, host: str) -> HostVerdict:
    return next(v for v in experiment.hosts if v.host == host)


@pytest.mark.parametrize(
    ("host", "slope", "cap"),
    [
        ("chat.example", 1.0, None),
        ("base64.example", 4 / 3, None),
        ("capped.example", 1.0, 1024),
        ("sampled.example", 1.0, None),
    ],
)
def test_an_uploader_is_supported_with_its_slope(
    experiment: Experiment, host: str, slope: float, cap: int | None
) -> None:
    """Whole, encoded, cut off or sometimes: the true slope within its limits, the true cap, p corrected below alpha."""
    verdict = of(experiment, host)
    assert verdict.outcome == "supported" and verdict.p_adjusted <= PLAN.alpha
    assert verdict.slope_low is not None and verdict.slope_high is not None
    assert verdict.slope_low <= slope <= verdict.slope_high and verdict.cap == cap


def test_a_share_of_the_prompts_is_in_the_verdict(experiment: Experiment) -> None:
    """Two prompts in five were sent: the limits say so."""
    verdict = of(experiment, "sampled.example")
    assert verdict.share_low is not None and verdict.share_high is not None
    assert verdict.share_low <= 0.4 <= verdict.share_high < 1


@pytest.mark.parametrize("host", ["hash.example", "keys.example", "waiting.example", "nothing.example"])
def test_a_host_that_is_not_sent_the_text_is_not_supported(experiment: Experiment, host: str) -> None:
    """With the ceiling of its bytes and what this recording would have shown."""
    verdict = of(experiment, host)
    assert verdict.outcome == "not supported"
    assert set(verdict.excluded) >= set(PLAN.alternatives[:2])
    sent = sum(s.length for s in PLAN.slots if s.kind == "prompt")
    assert verdict.ceiling == pytest.approx(verdict.bytes / (0.75 * sent), rel=1e-3)


def test_one_prompt_in_ten_is_never_excluded(experiment: Experiment) -> None:
    """Fifty prompts do not show it, and no verdict says that they would."""
    named = "the whole text of 1 prompt in 10"
    silent = {"nothing.example"}
    assert not [v.host for v in experiment.hosts if named in v.excluded and v.host not in silent]


def test_a_padded_host_cannot_be_told(experiment: Experiment) -> None:
    """Sixteen kilobytes with every prompt could hold the longest: never "not supported", and nothing is excluded."""
    verdict = of(experiment, "padded.example")
    assert (verdict.outcome, verdict.padded, verdict.excluded) == ("cannot tell", True, ())
    assert "longest text" in verdict.why


def test_the_first_party_is_the_positive_control(experiment: Experiment) -> None:
    """The plan's host is found, and the guard tells it."""
    assert experiment.positive is not None and experiment.positive.host == "chat.example"
    assert {g.name: g.result for g in experiment.guards} == {
        "plan carried out": "pass",
        "failed prompts": "pass",
        "capture": "pass",
        "positive control": "pass",
        "answers": "not run",
        "latency": "not run",
        "drafts": "pass",
    }


def test_the_family_is_every_host(experiment: Experiment) -> None:
    """Ten hosts, ten rows, each p corrected for all of them."""
    assert experiment.family == len(experiment.hosts) == len(HOSTS)
    assert all(v.p <= v.p_adjusted <= 1 for v in experiment.hosts)


SMALL = simulate.dose(6, draws=999, spikes=3, drafts=3)
FEW: dict[str, simulate.Behaviour] = {
    "chat.example": simulate.uploader(),
    "vendor.example": simulate.uploader("base64"),
    "hash.example": simulate.NULLS["hash"],
}


def small(positive: simulate.Behaviour | None = None) -> Recorded:
    chance = np.random.default_rng(5)
    made = FEW | ({} if positive is None else {"chat.example": positive})
    return simulate.recorded(SMALL, {name: simulate.host(SMALL, chance, b) for name, b in made.items()})


def outcomes(recorded: Recorded, plan: object = SMALL) -> dict[str, str]:
    return {v.host.split(".")[0]: v.outcome for v in analyse(plan, recorded).hosts}  # type: ignore[arg-type]


def test_without_a_fault_all_stand() -> None:
    """The small experiment that the next tests break."""
    assert outcomes(small()) == {"chat": "supported", "vendor": "supported", "hash": "not supported"}


def test_the_same_recording_gives_the_same_verdicts() -> None:
    """Byte for byte, whatever the order in which the hosts were met."""
    recorded = small()
    turned = replace(recorded, hosts=dict(reversed(recorded.hosts.items())))
    one, other = (json.dumps(asdict(analyse(SMALL, given))) for given in (recorded, turned))
    assert one == other


def grown(recorded: Recorded, received: float = 0.0, seconds: float = 0.0) -> Recorded:
    """The first party answers 100 bytes after a second, and more and later with the drawn length."""
    length = np.array([*(s.length if s.kind == "prompt" else 0 for s in SMALL.slots), 0], float)
    chat = replace(
        recorded.hosts["chat.example"], received=100 + received * length, answered=1 + seconds * length
    )
    return replace(recorded, hosts={**recorded.hosts, "chat.example": chat})


def unfinished(recorded: Recorded) -> Recorded:
    window = recorded.window_of.copy()
    window[-1] = -1
    return replace(recorded, window_of=window)


FAULTS: list[tuple[str, Recorded, str, str]] = [
    ("the positive control is not found", small(simulate.NULLS["hash"]), "cannot tell", "cannot tell"),
    (
        "the positive control was sent nothing",
        replace(small(), hosts={h: t for h, t in small().hosts.items() if h != "chat.example"}),
        "cannot tell",
        "cannot tell",
    ),
    ("answers grow with the prompt", grown(small(), received=0.4), "cannot tell", "not supported"),
    ("answers take longer", grown(small(), seconds=0.001), "cannot tell", "not supported"),
    ("answers are matched", grown(small()), "supported", "not supported"),
    ("a run is not complete", replace(small(), broken=("run-1",)), "supported", "cannot tell"),
    ("bursts without a time", replace(small(), unplaced=1), "supported", "cannot tell"),
    ("a slot was not recorded", unfinished(small()), "cannot tell", "cannot tell"),
    ("most prompts failed", replace(small(), failed=tuple(range(30))), "cannot tell", "cannot tell"),
]


@pytest.mark.parametrize(("recorded", "vendor", "hash_"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_failed_control_takes_back_what_it_voids(recorded: Recorded, vendor: str, hash_: str) -> None:
    """A rival cause voids "supported", a gap in the capture "not supported", the rest both."""
    told = outcomes(recorded)
    assert (told["vendor"], told["hash"]) == (vendor, hash_)


def test_the_reason_names_the_control() -> None:
    """A verdict that was taken back says by what."""
    row = analyse(SMALL, replace(small(), broken=("run-7",))).hosts
    assert next(v.why for v in row if v.host == "hash.example") == (
        "control 'capture': not complete: run-7; 0 bursts without time or size"
    )


def test_without_a_first_party_nothing_is_excluded() -> None:
    """A plan that names none has no proof that the method sees anything: only what is seen stands."""
    nobody = replace(SMALL, positive="")
    assert outcomes(small(), nobody) == {"chat": "supported", "vendor": "supported", "hash": "cannot tell"}


def test_a_stratum_that_failed_is_left_out() -> None:
    """Two of six prompts of one length failed: all of that length go, for every host, and the rest is judged."""
    failed = tuple(s.slot for s in SMALL.slots if s.kind == "prompt" and s.length > 6000)[:2]
    experiment = analyse(SMALL, replace(small(), failed=failed))
    guard = next(g for g in experiment.guards if g.name == "failed prompts")
    assert guard.told == "2 failed; left out: lengths about 8,192; 24 prompts used"
    assert of(experiment, "vendor.example").outcome == "supported"


def test_a_draft_that_left_is_told() -> None:
    """An app that uploads what is pasted and never sent: the drafts on its line are counted."""

    def eager(out: simulate.Sending, chance: np.random.Generator) -> None:
        window = np.array([s.slot for s in SMALL.slots if s.kind in ("prompt", "draft")])
        length = np.array([s.length for s in SMALL.slots if s.kind in ("prompt", "draft")])
        out.add(window, 350.0 + length)

    experiment = analyse(SMALL, small(eager))
    long = sum(s.length > 400 for s in SMALL.slots if s.kind == "draft")
    assert long and experiment.positive is not None and experiment.positive.drafts == long


def test_hosts_can_be_judged_by_organisation() -> None:
    """Two hosts of one group, each sent half of the prompts, are supported as one."""
    chance = np.random.default_rng(4)
    recorded = small()
    half = {f"h{n}.example": simulate.host(SMALL, chance, simulate.uploader(share=0.5)) for n in range(2)}
    both = grouped(
        replace(recorded, hosts=recorded.hosts | half), {"Maker": ["chat.example"], "Vendor": list(half)}
    )
    experiment = analyse(SMALL, both, positive=["Maker"])
    assert experiment.family == 2 and experiment.positive is not None and experiment.positive.host == "Maker"
    assert of(experiment, "Vendor").outcome == "supported"


@pytest.mark.parametrize(
    ("hosts_", "draws"), [(1, 1_999), (19, 1_999), (20, 1_999), (21, 19_999), (200, 19_999), (201, 199_999)]
)
def test_a_large_family_gets_more_draws(hosts_: int, draws: int) -> None:
    """The least p times the number of hosts has to reach alpha."""
    assert enough_draws(PLAN, hosts_) == draws


def test_nothing_recorded_is_no_verdict() -> None:
    """A plan that no run follows: no hosts, and the guards say that it was not carried out."""
    empty = pd.DataFrame(columns=["run", "at", "event", "probe", "label"])
    bursts = pd.DataFrame(columns=["run", "host", "connection", "at", "direction", "size", "records"])
    experiment = analyse(PLAN, observe(PLAN, empty, bursts))
    assert experiment.hosts == () and experiment.slots == 0 and experiment.positive is None
    assert experiment.guards[0].result == "fail"


def test_hosts_without_prompts_cannot_be_told() -> None:
    """Bytes, and not one prompt that was recorded."""
    recorded = replace(small(), window_of=np.full(len(SMALL.slots), -1))
    assert set(outcomes(recorded).values()) == {"cannot tell"}


def test_a_plan_of_another_kind_is_refused() -> None:
    """A contrast has one length, so nothing could follow it: ParameterError, in either place."""
    other = draw("contrast", "ab" * 16, positive="h")
    for plans in ((other, None), (SMALL, (SMALL, small()))):
        with pytest.raises(ParameterError, match="need a plan of kind dose"):
            analyse(plans[0], small(), plans[1])


def test_only_one_host_and_only_one_prompt() -> None:
    """The smallest plan there is."""
    one = draw("dose", "ab" * 16, lengths=(512,), per_length=1, controls=0, drafts=0, draws=99, positive="h")
    recorded = simulate.recorded(
        one, {"h": simulate.host(one, np.random.default_rng(1), simulate.uploader())}
    )
    assert [v.outcome for v in analyse(one, recorded).hosts] == ["cannot tell"]
