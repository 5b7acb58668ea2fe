"""The builds of Parley, the lab's chatbot app: which release reports what to whom, and when it asks.

Each differs from another in what an investigator has to tell apart: who gets the prompts, whether anything is sent
before the person answers, and whether what is sent can be read.
"""

from typing import NamedTuple

from promptrail.lab.channels.channel import Channel
from promptrail.lab.channels.collect import Collect
from promptrail.lab.channels.fingerprint import Fingerprint
from promptrail.lab.channels.help_desk import HelpDesk
from promptrail.lab.channels.pinned import Pinned
from promptrail.lab.channels.remote import Remote
from promptrail.lab.channels.telemetry import Telemetry, TelemetryWithTexts
from promptrail.lab.channels.weak import Weak


class Build(NamedTuple):
    """One release in one of its modes."""

    version: str
    channels: tuple[type[Channel], ...]
    """In the order in which they act at each step."""
    asks_first: bool = False
    """Whether it waits for the person's answer before it sends anything, to its maker too."""
    mode: str | None = None
    region: str | None = None


BUILDS: dict[str, Build] = {
    "before": Build("4.2.0", (Remote, TelemetryWithTexts, Fingerprint, Collect, HelpDesk)),
    "after": Build("4.3.0", (Remote, Telemetry, Fingerprint, HelpDesk)),
    "careless": Build("4.1.0", (Weak, HelpDesk)),
    "restrained": Build("5.0.0", (), asks_first=True),
    "restrained-next": Build("5.0.1", (), asks_first=True),
    "sealed": Build("4.2.5", (Pinned,)),
    "private": Build("4.2.0", (Fingerprint,), mode="private"),
    "region": Build("4.2.0", (Remote, TelemetryWithTexts, Fingerprint, Collect), region="XC"),
}
"""By release: `private` is 4.2.0 in its private mode, `region` the same release as another country gets it."""
