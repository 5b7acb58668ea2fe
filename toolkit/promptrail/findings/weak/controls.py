"""Checks that could prove finding 07 wrong: decoys, known answers, a run without a proxy, another app, a trusted CA.

A control that was not recorded is "not run", never passed.
"""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.false_discovery import decoys
from promptrail.findings.weak.checks.planted import planted
from promptrail.findings.weak.checks.wrong_ca import proved
from promptrail.findings.words import listed
from promptrail.language import mark, say, say_n
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.weak.finding import Studied

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
        mark("Known answers"),
        say("do the checks on opaque bytes work?"),
        say("ECB and a fixed IV are found, fresh IVs and CTR are not"),
        say(
            "{found} of {planted} found, {wrong} of {sound} wrongly",
            found=made.found,
            planted=made.of,
            wrong=made.wrong,
            sound=made.among,
        ),
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
    told = say(
        "{hosts}, {contacted} of them contacted, in {runs}",
        hosts=_hosts(len(again), len(bare)),
        contacted=len(contacted),
        runs=say_n("{n} run", "{n} runs", len(alone)),
    )
    return Control(
        mark("Without a proxy"),
        say("did the proxy make it fall back?"),
        say("packets alone, without a proxy, show the same hosts without TLS"),
        told if alone else say("no run was recorded by packets alone"),
        "not run" if not alone or not contacted else "pass" if again == contacted else "fail",
    )


def _hosts(some: int, n: int) -> str:
    return say_n("{some} of {n} host", "{some} of {n} hosts", n, some=some)


def _other_app(case: Case, studied: "Studied") -> Control:
    """What another app on the device sends there in clear as well may be the system's or the library's."""
    other = sorted(case.runs.loc[case.runs["control"] == OTHER_APP, "run"])
    bare = _bare(studied)
    flows = case.flows[
        case.flows["run"].isin(other) & (case.flows["scheme"] == "http") & case.flows["host"].isin(bare)
    ]
    shared = sorted(set(flows["host"]))
    told = say_n("{hosts} of {n} host", "{hosts} of {n} hosts", len(bare), hosts=listed(shared))
    return Control(
        mark("C3, another app"),
        say("is it this app, not the system?"),
        say("another app sends these hosts nothing without TLS"),
        told if shared else say("{found} of {all}", found=0, all=len(bare)),
        "not run" if not other or not bare else "fail" if shared else "pass",
    )


def _untrusted(case: Case, studied: "Studied") -> Control:
    runs = studied.material.untrusted
    known = [f"{run}: {how}" for run in runs if (how := proved(case, run))]
    return Control(
        mark("The wrong CA is wrong"),
        say("was the CA trusted after all?"),
        say("something in the same run refused the certificate"),
        listed(known)
        if known
        else say("nothing refused it")
        if runs
        else say("no run with an untrusted CA was recorded"),
        "pass" if runs and len(known) == len(runs) else "not run",
    )


def _chance(studied: "Studied") -> Control:
    """The likeliest accident among what decides."""
    known = [row.chance for _, row in studied.decisive() if row.chance is not None]
    worst = max(known, default=0.0)
    told = say_n(
        "at most {worst:.1e} for {n} row", "at most {worst:.1e} for {n} rows", len(known), worst=worst
    )
    return Control(
        mark("Chance"),
        say("could random bytes look like this?"),
        say("less than once in 1,000"),
        told if known else say("nothing rests on chance"),
        "not run" if not known else "pass" if worst <= 1e-3 else "fail",
    )
