"""Checks that could prove finding 07 wrong: decoys, known answers, a run without a proxy, another app, a trusted CA.

A control that was not recorded is "not run", never passed.
"""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.false_discovery import decoys
from promptrail.findings.weakness.planted import planted
from promptrail.findings.weakness.wrong_ca import proved
from promptrail.findings.words import counted, listed
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.weak import Studied

OTHER_APP = "C3"


def controls(case: Case, studied: "Studied") -> list[Control]:
    """In the order in which a sceptic asks."""
    return [
        decoys(case, studied.material.runs),
        _known_answers(),
        _without_proxy(case, studied),
        _other_app(case, studied),
        _untrusted(case, studied),
        _chance(studied),
    ]


def _known_answers() -> Control:
    """Ciphertexts made for the purpose, weak and sound."""
    made = planted()
    return Control(
        "Known answers",
        "do the checks on opaque bytes work?",
        "ECB and a fixed IV are found, fresh IVs and CTR are not",
        f"{made.found} of {made.of} found, {made.wrong} of {made.among} wrongly",
        "pass" if made.found == made.of and not made.wrong else "fail",
    )


def _bare(studied: "Studied") -> list[str]:
    """Hosts to which something went without TLS, by rows that decide."""
    return sorted(
        {str(row.host) for check, row in studied.decisive() if check.id == "cleartext" and row.host}
    )


def _without_proxy(case: Case, studied: "Studied") -> Control:
    """Through a proxy an app may fall back to http; a run that only packets recorded shows what it does alone."""
    runs = case.runs[case.runs["run"].isin(studied.material.runs)]
    alone = sorted(
        run
        for run, source, witnesses in zip(runs["run"], runs["source"], runs["witnesses"], strict=True)
        if set(witnesses if witnesses is not None else ()) <= {"packets", "hook"}
        and (source == "pcap" or (witnesses is not None and "packets" in witnesses))
    )
    bare, flows = _bare(studied), studied.material.flows
    there = flows[flows["run"].isin(alone) & flows["host"].isin(bare)]
    again = {str(host) for host in there.loc[[not studied.material.tls[f] for f in there["flow"]], "host"]}
    met = case.connections[case.connections["run"].isin(alone) & case.connections["host"].isin(bare)]
    contacted = set(met["host"]) | set(there["host"])
    return Control(
        "Without a proxy",
        "did the proxy make it fall back?",
        "packets alone, without a proxy, show the same hosts without TLS",
        f"{len(again)} of {len(bare)} {counted(len(bare), 'host')}, {len(contacted)} of them contacted, "
        f"in {len(alone)} {counted(len(alone), 'run')}"
        if alone
        else "no run was recorded by packets alone",
        "not run" if not alone or not contacted else "pass" if again == contacted else "fail",
    )


def _other_app(case: Case, studied: "Studied") -> Control:
    """What another app on the device sends there in clear as well may be the system's or the library's."""
    other = sorted(case.runs.loc[case.runs["control"] == OTHER_APP, "run"])
    bare = _bare(studied)
    flows = case.flows[
        case.flows["run"].isin(other) & (case.flows["scheme"] == "http") & case.flows["host"].isin(bare)
    ]
    shared = sorted(set(flows["host"]))
    return Control(
        "C3, another app",
        "is it this app, not the system?",
        "another app sends these hosts nothing without TLS",
        f"{listed(shared)} of {len(bare)} {counted(len(bare), 'host')}" if shared else f"0 of {len(bare)}",
        "not run" if not other or not bare else "fail" if shared else "pass",
    )


def _untrusted(case: Case, studied: "Studied") -> Control:
    runs = studied.material.untrusted
    known = [f"{run}: {how}" for run in runs if (how := proved(case, run))]
    return Control(
        "The wrong CA is wrong",
        "was the CA trusted after all?",
        "something in the same run refused the certificate",
        listed(known)
        if known
        else "nothing refused it"
        if runs
        else "no run with an untrusted CA was recorded",
        "pass" if runs and len(known) == len(runs) else "not run",
    )


def _chance(studied: "Studied") -> Control:
    """The likeliest accident among what decides."""
    known = [row.chance for _, row in studied.decisive() if row.chance is not None]
    worst = max(known, default=0.0)
    return Control(
        "Chance",
        "could random bytes look like this?",
        "less than once in 1,000",
        f"at most {worst:.1e} for {len(known)} {counted(len(known), 'row')}"
        if known
        else "nothing rests on chance",
        "not run" if not known else "pass" if worst <= 1e-3 else "fail",
    )
