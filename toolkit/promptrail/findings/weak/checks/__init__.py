"""The checks of finding 07, one file each or two that share their matter. To add one, add it to CHECKS.

A check gets the material of a case and answers found, not found or not testable; see `check`. Its test holds a case of
each. `against` says against whom the protection fails where TLS is outside.
"""

from promptrail.case import Case
from promptrail.findings.delivered import only_delivered
from promptrail.findings.weak.checks import (
    beginnings,
    blocks,
    ciphers,
    cleartext,
    envelopes,
    ivs,
    keys,
    old_tls,
    signatures,
    wrong_ca,
)
from promptrail.findings.weak.checks.carried import carried
from promptrail.findings.weak.checks.check import HAS_THE_APP, ON_THE_WAY, Check, Material
from promptrail.findings.weak.checks.operations import operations
from promptrail.language import mark

CHECKS: list[Check] = [
    Check(
        "cleartext", mark("Sent without TLS"), ON_THE_WAY, mark("a capture of the traffic"), cleartext.look
    ),
    Check(
        "old-tls",
        mark("TLS below 1.2, weak suite"),
        ON_THE_WAY,
        mark("packets, or a proxy's record"),
        old_tls.look,
    ),
    Check(
        wrong_ca.ID, mark("Accepts a wrong CA"), ON_THE_WAY, mark("a run with an untrusted CA"), wrong_ca.look
    ),
    Check(
        "envelope",
        mark("Envelope that anyone can open"),
        HAS_THE_APP,
        mark("bodies that were read"),
        envelopes.look,
    ),
    Check("blocks", mark("Blocks repeat in a body"), HAS_THE_APP, mark("bodies that were read"), blocks.look),
    Check(
        "beginnings", mark("Bodies begin alike"), HAS_THE_APP, mark("several opaque bodies"), beginnings.look
    ),
    Check("ecb", mark("ECB mode"), HAS_THE_APP, mark("hooks"), ciphers.ecb),
    Check("iv", mark("IV repeats under a key"), HAS_THE_APP, mark("hooks"), ivs.look),
    Check(
        "lasting-key",
        mark("Key comes with the app"),
        HAS_THE_APP,
        mark("hooks in two fresh installs"),
        keys.lasting,
    ),
    Check(
        "key-in-message", mark("Key follows from the message"), HAS_THE_APP, mark("hooks"), keys.in_message
    ),
    Check("withdrawn", mark("DES, 3DES or RC4"), HAS_THE_APP, mark("hooks"), ciphers.withdrawn),
    Check("signature", mark("MD5 or SHA-1 as signature"), HAS_THE_APP, mark("hooks"), signatures.look),
]
PASSIVE = ("cleartext", "old-tls", "envelope", "blocks")
"""Checks that must have run for "not observed": they need a capture and nothing else."""


def material(case: Case, chosen: list[str]) -> Material:
    """What the checks look at; runs with an untrusted CA stand apart, for an app may behave otherwise there."""
    untrusted = wrong_ca.untrusted(case, chosen)
    runs = [run for run in chosen if run not in untrusted]
    flows = case.flows[case.flows["run"].isin(runs) & (case.flows["kind"] != "dns")]
    flows = only_delivered(case, flows)
    connections = case.connections[case.connections["run"].isin(runs)]
    sealed = set(connections.loc[connections["tls_version"].notna(), "connection"])
    tls = {
        flow: scheme == "https" or (scheme != "http" and (isinstance(sni, str) or connection in sealed))
        for flow, scheme, sni, connection in zip(
            *(flows[name] for name in ("flow", "scheme", "sni", "connection")), strict=True
        )
    }
    seen, hooked = operations(case, runs)
    return Material(
        case, runs, flows, connections, seen, hooked, carried(case, set(flows["flow"]), seen), untrusted, tls
    )
