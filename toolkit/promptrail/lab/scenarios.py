"""The lab's scenarios: which app and build runs, what is typed, and which control the run is.

A scenario becomes one run. The default set is the reference case: two versions under the same prompts, three
replicates of each, a run in which consent is refused, and the controls that could prove a finding wrong. The other
sets are recorded only when they are asked for; `stories.py` says what each is for.
"""

from typing import Literal, NamedTuple

from promptrail.lab.builds import BUILDS


class Scenario(NamedTuple):
    """One run of the lab. `prompts` and `drafts` are ids of probes, in the order in which they are typed."""

    run: str
    app: Literal["Parley", "Marginalia", "Sampler"]
    version: str
    release: str
    """For Parley its build (see builds.py)."""
    control: str | None
    prompts: tuple[str, ...] = ()
    drafts: tuple[str, ...] = ()
    consent: Literal["accept", "refuse"] = "accept"

    @property
    def name(self) -> str:
        """The scenario's name, the same for its replicates."""
        if self.consent == "refuse":
            return f"{self.release}-refused"
        return f"{self.release}-{self.control.lower()}" if self.control else self.release


A: tuple[str, ...] = ("p1", "p2")
DRAFTS: tuple[str, ...] = ("d1",)


def parley(release: str, control: str | None, *more: str, replicate: int = 0, **options: object) -> Scenario:
    """A run of one build of Parley, named after its build, its control and which replicate it is."""
    words = [
        release,
        *([control.lower()] if control else []),
        *more,
        *([str(replicate)] if replicate else []),
    ]
    return Scenario("-".join(words), "Parley", BUILDS[release].version, release, control, **options)  # type: ignore[arg-type]


def replicated(release: str, count: int = 3) -> tuple[Scenario, ...]:
    """The same prompts typed in as many runs."""
    return tuple(parley(release, "C1", replicate=n, prompts=A, drafts=DRAFTS) for n in range(1, count + 1))


def refused(release: str) -> Scenario:
    """The person refuses the terms, and types nothing."""
    return parley(release, None, "refused", consent="refuse")


SCENARIOS: tuple[Scenario, ...] = (
    parley("before", "C0"),
    *replicated("before"),
    parley("before", "C2", prompts=("p3",)),
    Scenario("before-c3", "Marginalia", "1.9.2", "before", "C3", ("p1",)),
    refused("before"),
    *replicated("after"),
)
RESTRAINED = (
    parley("restrained", "C0"),
    *replicated("restrained"),
    parley("restrained", "C2", prompts=("p3",)),
    refused("restrained"),
)
SEALED = (parley("sealed", "C0"), *replicated("sealed"), parley("sealed", "C2", prompts=("p3",)))
WRONG_CA = "wrong-ca"
"""A control: the device does not trust the proxy's CA."""
CARELESS = (*replicated("careless", 2), parley("careless", WRONG_CA))
UNCHANGED = (*replicated("restrained"), *replicated("restrained-next"))
MODES = (*replicated("before"), *replicated("private"))
REGIONS = (*replicated("before"), *replicated("region"))
BROKEN = (
    Scenario("before-c0", "Parley", "4.2.0", "before", "C0", ("p1",)),
    *replicated("before")[:2],
)
"""A prompt is typed in the run that should have none, and says so nowhere: whoever reads the control must notice."""

ENCODINGS = Scenario("encodings", "Sampler", "1.0.0", "encodings", None, ("s-en", "s-ko", "s-zh", "s-ja"))
"""The same prompts in every encoding that the lab knows, with near misses: the measure of recall."""
KNOWN = tuple(
    dict.fromkeys((*SCENARIOS, *RESTRAINED, *SEALED, *CARELESS, *UNCHANGED, *MODES, *REGIONS, ENCODINGS))
)
"""Those that can be asked for by the name of their run."""
