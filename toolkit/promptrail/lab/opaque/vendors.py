"""The fictional vendors of the opaque case as data: which host does what, and what an experiment should say of it.

Their companies lie under .test and .example (RFC 2606) and in XA, XB, XC. `OUTCOMES` are words of `infer.decide`.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

from promptrail.lab.world import CHAT, Company

FORM = "promptrail opaque answer key 1"


@dataclass(frozen=True, slots=True)
class Vendor:
    """One host of the lab. `does` names its rule in uploads.RULES."""

    host: str
    company: str
    country: str
    role: str
    does: str
    tells: str
    """The rule in words."""
    read: bool = False
    """The recording proxy reads it; else it trusts its own certificate alone and is passed through."""
    slope: float | None = None
    """Bytes for each character of the narrow alphabet when texts are pasted; None: they do not follow the length."""
    wide: float | None = None
    """The same for the wide alphabet."""
    pasted: str = "not supported"
    """What the dose experiment should say of it."""
    content: str | None = None
    """What the contrast should say, where it is asked."""


FIRST_PARTY = Vendor(
    CHAT,
    "Parley Labs",
    "XA",
    "maker of the app",
    "chat",
    "gets every prompt, as JSON; answers OK",
    read=True,
    slope=1.0,
    wide=2.0,
    pasted="supported",
    content="content",
)
UPLOADER = Vendor(
    "in.larkfield.example",
    "Larkfield Insight",
    "XB",
    "product analytics",
    "upload",
    "gets the text of every prompt, encrypted (AES-256-GCM) with a key that nobody kept",
    slope=1.0,
    wide=2.0,
    pasted="supported",
    content="content",
)
LAYOUT = Vendor(
    "ui.cairnmark.example",
    "Cairnmark",
    "XB",
    "interface metrics",
    "layout",
    "gets an event of 38 bytes for each rendered line of 45 characters, whatever stands in it",
    slope=38 / 45,
    wide=38 / 45,
    pasted="supported",
    content="not shown",
)
KEYS = Vendor(
    "keys.tallowby.test",
    "Tallowby",
    "XC",
    "typing telemetry",
    "keys",
    "gets 90 bytes for 12 of 100 input events: each key is one where text is typed, a paste is one in all",
)
ANSWERS = Vendor(
    "rate.oakhaven.example",
    "Oakhaven",
    "XA",
    "answer rating",
    "answer",
    "gets the answer, which is always the same, encrypted",
)
PADDED = Vendor(
    "vault.mirefield.test",
    "Mirefield Vault",
    "XC",
    "backup",
    "padded",
    "gets the text of every prompt, encrypted and padded to a multiple of 16 KiB",
    pasted="cannot tell",
)
HASHES = Vendor(
    "match.senlow.example",
    "Senlow Match",
    "XB",
    "audience matching",
    "hash",
    "gets a salted SHA-256 of every prompt",
)
FIELDS = Vendor(
    "report.thornwick.example",
    "Thornwick",
    "XB",
    "usage reports",
    "fields",
    "gets readable JSON with a hash of the prompt, a counter, a random number and a constant",
    read=True,
)

VENDORS = (FIRST_PARTY, UPLOADER, LAYOUT, KEYS, ANSWERS, PADDED, HASHES, FIELDS)
HOSTS = tuple(vendor.host for vendor in VENDORS)
PASSED = tuple(vendor.host for vendor in VENDORS if not vendor.read)
FIELD_KEY = {"/topic": "input", "/n": "counter", "/nonce": "random", "/schema": "constant"}
"""What the fields of FIELDS' reports follow, by JSON Pointer (RFC 6901)."""


def company(vendor: Vendor) -> Company:
    """Who stands behind its host, as a row for the case's own table."""
    domain = ".".join(vendor.host.split(".")[-2:])
    own = vendor is FIRST_PARTY
    networks = f"{vendor.company} Networks"
    return Company(
        domain,
        vendor.company,
        vendor.country,
        vendor.company,
        vendor.role,
        own,
        networks,
        vendor.country,
    )


def answer_key(plan: dict[str, Any], run: str) -> bytes:
    """What every host of a run really does, as the file that lies beside the recording."""
    told = {
        "format": FORM,
        "simulated": True,
        "run": run,
        "plan": plan["digest"],
        "kind": plan["kind"],
        "input": plan["input"],
        "noise": plan["noise"],
        "sends": plan["sends"],
        "hosts": [asdict(vendor) for vendor in VENDORS],
        "fields": {"host": FIELDS.host, "follows": FIELD_KEY} if plan["kind"] == "differential" else None,
    }
    return json.dumps(told, indent=1, ensure_ascii=False, sort_keys=True).encode() + b"\n"
