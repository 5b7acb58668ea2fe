"""Findings: one question a file, from frames to a `model.Finding`. Listed here under the name of their notebook.

A module states ID, VERSION, NOTEBOOK, QUESTION, PARAMETERS and `find`; for its page also NOT_THE_APP, the controls
whose runs it does not count (another app's hosts are not this app's recipients), and ONLY_EVIDENCE, if its page shows
the sightings that it rests on and no others.
"""

from types import ModuleType

from promptrail.findings import overview, unseen
from promptrail.findings.before_after import finding as before_after
from promptrail.findings.consent import finding as consent
from promptrail.findings.identifiers import finding as identifiers
from promptrail.findings.opaque import finding as opaque
from promptrail.findings.policy import finding as policy
from promptrail.findings.prompt import finding as prompt_to_host
from promptrail.findings.recipients import finding as recipients
from promptrail.findings.remote import finding as remote
from promptrail.findings.sdks import finding as sdks
from promptrail.findings.weak import finding as weak

FINDINGS: dict[str, ModuleType] = {
    "00-start-here": overview,
    "01-prompt-to-host": prompt_to_host,
    "02-recipients": recipients,
    "03-consent": consent,
    "04-policy": policy,
    "05-sdks": sdks,
    "06-identifiers": identifiers,
    "07-weak-cryptography": weak,
    "08-before-after": before_after,
    "09-unseen": unseen,
    "10-opaque-channels": opaque,
    "11-remote-control": remote,
}

__all__ = ["FINDINGS"]
