"""What a scenario plans, as frozen records: prompts, variants of observing, runs and steps."""

from dataclasses import dataclass, field
from typing import Any

UNTRUSTED = "wrong-ca"
"""The control in which the device does not trust the proxy's CA: what the proxy reads then, the app sends to anyone."""


@dataclass(frozen=True)
class Prompt:
    """A text that is typed. `kind` is that of its probe: prompt, or draft, which is deleted unsent."""

    id: str
    text: str
    kind: str = "prompt"


@dataclass(frozen=True)
class Variant:
    """How the same run is observed, so that what observing does can be told (the observer effect)."""

    name: str = ""
    quic: str = "refused"
    proxy: bool = True
    """False: no proxy and no CA on the device; only packets are captured."""
    hooks: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlannedRun:
    run: str
    control: str | None
    package: str
    app: str
    prompts: tuple[Prompt, ...]
    variant: Variant

    @property
    def told(self) -> str:
        """One line of a dry run."""
        typed = ", ".join(p.id for p in self.prompts) or "nothing typed"
        how = f", {self.variant.name}" if self.variant.name else ""
        return f"{self.run}: {self.package}, {self.control or 'no control'} ({typed}){how}"


@dataclass(frozen=True)
class Plan:
    name: str
    package: str
    app: str
    version: str | None
    egress: str | None
    """Where the device's traffic leaves for the internet, as the user tells it."""
    route: str
    variables: dict[str, str]
    runs: tuple[PlannedRun, ...]
    steps: tuple[dict[str, Any], ...]
    source: str = field(repr=False)
    """The file as it was read; it is kept with each run."""
