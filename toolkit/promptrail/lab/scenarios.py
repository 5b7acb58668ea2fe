"""The lab's scenarios: which app and version runs, what is typed, and which control the run is.

A scenario becomes one run. The default set is the two versions under the same prompts, three replicates of "before",
and the controls that could prove a finding wrong. `encodings` is recorded only when it is asked for.
"""

from typing import Literal, NamedTuple


class Scenario(NamedTuple):
    """One run of the lab. `prompts` and `drafts` are ids of probes, in the order in which they are typed."""

    run: str
    app: Literal["Parley", "Marginalia", "Sampler"]
    version: str
    release: Literal["before", "after", "encodings"]
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

SCENARIOS: tuple[Scenario, ...] = (
    Scenario("before-c0", "Parley", "4.2.0", "before", "C0"),
    Scenario("before-c1-1", "Parley", "4.2.0", "before", "C1", A, ("d1",)),
    Scenario("before-c1-2", "Parley", "4.2.0", "before", "C1", A, ("d1",)),
    Scenario("before-c1-3", "Parley", "4.2.0", "before", "C1", A, ("d1",)),
    Scenario("before-c2", "Parley", "4.2.0", "before", "C2", ("p3",)),
    Scenario("before-c3", "Marginalia", "1.9.2", "before", "C3", ("p1",)),
    Scenario("after-c1", "Parley", "4.3.0", "after", "C1", A, ("d1",)),
)

ENCODINGS = Scenario("encodings", "Sampler", "1.0.0", "encodings", None, ("s-en", "s-ko", "s-zh", "s-ja"))
"""The same prompts in every encoding that the lab knows, with near misses: the measure of recall."""
REFUSED = Scenario("before-refused", "Parley", "4.2.0", "before", None, consent="refuse")
"""The person refuses the terms: nothing is typed, and the app goes on reporting."""
KNOWN = (*SCENARIOS, ENCODINGS, REFUSED)
