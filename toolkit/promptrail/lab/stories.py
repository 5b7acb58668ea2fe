"""The lab's stories: a set of runs with what is true of it, and the verdict that each notebook must come to.

A story is recorded into a case of its own. Its verdicts are an answer key: they follow from how the builds were
written, not from what a notebook said.
"""

from typing import Literal, NamedTuple

from promptrail.lab.scenarios import (
    BROKEN,
    CARELESS,
    MODES,
    REGIONS,
    RESTRAINED,
    SCENARIOS,
    SEALED,
    UNCHANGED,
    Scenario,
)

SUPPORTED, CONTRADICTED, NOT_OBSERVED, CANNOT_TELL = (
    "supported",
    "contradicted",
    "not observed",
    "cannot tell",
)


class Story(NamedTuple):
    """What is recorded, and what may be concluded from it."""

    about: str
    scenarios: tuple[Scenario, ...]
    verdicts: dict[str, str]
    """By notebook. One that is not named is not decided by this story."""
    policy: str | None = None
    """The version whose privacy policy lies in the case."""
    packages: tuple[str, ...] = ()
    """Builds whose package was examined."""
    plans: tuple[str, ...] = ()
    """Kinds of plan that are followed before vendors whose traffic is not decrypted, instead of `scenarios`."""
    sends: bool = True
    """Whether these vendors do what they are there for; else the chat's own server alone gets the text."""
    handed_over: bool = False
    """The case holds a colleague's flow files, and nothing else of their recordings."""
    witnesses: tuple[str, ...] = ()
    """Who records beside the proxy."""
    edition: Literal["native", "java"] = "native"


STORIES: dict[str, Story] = {
    "reference": Story(
        "4.2.0 hands prompts and drafts to a cloud vendor before and after consent; 4.3.0 no longer does, and goes on "
        "sending the device's values.",
        SCENARIOS,
        {
            "00-start-here": SUPPORTED,
            "01-prompt-to-host": SUPPORTED,
            "02-recipients": SUPPORTED,
            "03-consent": SUPPORTED,
            "04-policy": SUPPORTED,
            "05-sdks": SUPPORTED,
            "06-identifiers": SUPPORTED,
            "07-weak-cryptography": CANNOT_TELL,  # the pinned kit was not read
            "08-before-after": SUPPORTED,
            "09-unseen": CONTRADICTED,  # the pinned kit was not read
            "10-opaque-channels": CANNOT_TELL,  # no plan was drawn
            "11-remote-control": SUPPORTED,
        },
        policy="4.2.0",
        packages=("before", "after"),
    ),
    "restrained": Story(
        "5.0.0 asks first, and talks to its own maker alone; its policy says what that is.",
        RESTRAINED,
        {
            "00-start-here": SUPPORTED,
            "01-prompt-to-host": NOT_OBSERVED,
            "02-recipients": NOT_OBSERVED,
            "03-consent": NOT_OBSERVED,
            "04-policy": CONTRADICTED,
            "05-sdks": NOT_OBSERVED,
            "06-identifiers": NOT_OBSERVED,
            "07-weak-cryptography": NOT_OBSERVED,
            "08-before-after": CANNOT_TELL,  # one version alone
            "09-unseen": SUPPORTED,
            "10-opaque-channels": CANNOT_TELL,
            "11-remote-control": NOT_OBSERVED,
        },
        policy="5.0.0",
        packages=("restrained",),
    ),
    "sealed": Story(
        "4.2.5 tells its vendor everything over a connection that is pinned: nothing of it can be read.",
        SEALED,
        {
            "00-start-here": SUPPORTED,
            "01-prompt-to-host": CANNOT_TELL,
            "02-recipients": CANNOT_TELL,
            "03-consent": CANNOT_TELL,
            "04-policy": CANNOT_TELL,
            "05-sdks": CANNOT_TELL,  # no package was kept
            "06-identifiers": CANNOT_TELL,
            "07-weak-cryptography": CANNOT_TELL,
            "08-before-after": CANNOT_TELL,
            "09-unseen": CONTRADICTED,
            "10-opaque-channels": CANNOT_TELL,
            "11-remote-control": CANNOT_TELL,
        },
    ),
    "careless": Story(
        "4.1.0 sends over http, in an envelope with a published key, in ECB, and checks no certificate of one host.",
        CARELESS,
        {"07-weak-cryptography": SUPPORTED},
    ),
    "unchanged": Story(
        "5.0.0 and 5.0.1, which send the same to the same.",
        UNCHANGED,
        {"08-before-after": NOT_OBSERVED},
    ),
    "handed-over": Story(
        "Flow files of 5.0.0 from a colleague: they list no connection that failed.",
        RESTRAINED[1:2],
        {"01-prompt-to-host": CANNOT_TELL, "09-unseen": CANNOT_TELL},
        handed_over=True,
    ),
    "code-path": Story(
        "4.2.0 with its fingerprint kit in a JVM, hooked: what the kit sends is read, and which class sent it.",
        (SCENARIOS[1],),
        {"05-sdks": SUPPORTED, "07-weak-cryptography": NOT_OBSERVED, "09-unseen": SUPPORTED},
        packages=("before",),
        witnesses=("packets", "unpin"),
        edition="java",
    ),
    "opaque": Story(
        "Vendors that cannot be read: one is sent the text, one lines, one blocks of one size, one keys, one a digest.",
        (),
        {"10-opaque-channels": SUPPORTED},
        plans=("dose", "contrast"),
    ),
    "opaque-silent": Story(
        "The same vendors, and none of them is sent anything that follows the text.",
        (),
        {"10-opaque-channels": NOT_OBSERVED},
        plans=("dose",),
        sends=False,
    ),
    "private-mode": Story(
        "4.2.0 in its normal and in its private mode, which leaves the cloud vendor out and keeps the fingerprint.",
        MODES,
        {"08-before-after": SUPPORTED},
    ),
    "other-region": Story(
        "4.2.0 as two countries get it: there the help-desk's kit is missing.",
        REGIONS,
        {"08-before-after": SUPPORTED},
    ),
    "broken-control": Story(
        "A prompt was typed in the run that should have had none.",
        BROKEN,
        {"01-prompt-to-host": CANNOT_TELL},
    ),
}
