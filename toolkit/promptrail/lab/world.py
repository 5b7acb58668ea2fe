"""The fictional companies of the lab: their hosts, and who stands behind each as a row for the case's own table.

Names lie under .test and .example, which nobody can register (RFC 2606); countries are XA, XB and XC, which ISO 3166-1
leaves to its users. The roles mirror the reference case: a maker, a cloud and analytics platform, a device-fingerprint
service, a help-desk in another country; and the maker of another app, for the control C3.
"""

from typing import NamedTuple

MARK_HEADER, MARK = "x-promptrail-simulated", "parley-lab"
"""Every answer of the lab's server carries it."""
CA_NAME, CA_ORGANISATION = "promptrail lab CA (SIMULATED)", "SIMULATED promptrail lab"
"""The issuer of every certificate of the lab's server."""
AS_OF = "2026-11-21"
SOURCE = "lab: invented"

CHAT = "chat.parley.test"
CLOUD = "ingest.brightmoor.test"
FINGERPRINT = "edge.quillmark.example"
HELP_DESK = "api.tidedesk.example"
NOTES = "notes.marginalia.test"
BEACON = "beacon.brightmoor.test"
"""Takes http:// alone."""
UPDATES = "updates.tidedesk.example"
"""A kit asks it without looking at its certificate."""
HOSTS = (CHAT, CLOUD, FINGERPRINT, HELP_DESK, NOTES, BEACON, UPDATES)
SAMPLES = "/v1/e/"
"""Where the Sampler's plantings go: NAME/LANGUAGE behind it, so that each has an address of its own."""
EXFILTRATION = "exfil.brightmoor.test"
"""Every name below it is the cloud vendor's too: whoever sends data in host names owns such a zone."""

CASE = {
    "app": {"name": "Parley", "package": "test.parley.chat", "version": "4.2.0 and 4.3.0"},
    "examiner": "promptrail lab",
    "basis": "Simulated app, vendors and traffic: nobody's data and nobody's service.",
    "device": "Simulated phone SIM-8",
}
"""What the case says about itself where nobody said anything else."""


class Company(NamedTuple):
    """Who stands behind one registrable domain."""

    domain: str
    owner: str
    country: str
    group: str
    role: str
    own: bool
    network_operator: str
    address_country: str


COMPANIES = (
    Company(
        "parley.test",
        "Parley Labs",
        "XA",
        "Parley Labs",
        "maker of the app",
        True,
        "Northquay Networks",
        "XA",
    ),
    Company(
        "brightmoor.test",
        "Brightmoor Cloud",
        "XB",
        "Brightmoor Group",
        "cloud and analytics platform",
        False,
        "Brightmoor Networks",
        "XB",
    ),
    Company(
        "quillmark.example",
        "Quillmark",
        "XB",
        "Quillmark",
        "device-fingerprint service",
        False,
        "Brightmoor Networks",
        "XB",
    ),
    Company(
        "tidedesk.example",
        "Tidedesk",
        "XC",
        "Tidedesk",
        "help-desk service",
        False,
        "Saltmarsh Hosting",
        "XC",
    ),
    Company(
        "marginalia.test",
        "Marginalia Press",
        "XA",
        "Marginalia Press",
        "maker of the other app (control C3)",
        False,
        "Northquay Networks",
        "XA",
    ),
)
