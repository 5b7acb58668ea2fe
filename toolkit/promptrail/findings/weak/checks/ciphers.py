"""Encryptions that hooks saw, by algorithm: ECB mode, and ciphers that are withdrawn. Operations in, rows out.

A row decides where its ciphertext was met in a request that was delivered: what an app encrypts for its own storage is
told and decides nothing.
"""

from promptrail.findings.weak.checks.check import OUTSIDE, Answer, Material, Row, answered, not_testable
from promptrail.findings.weak.checks.operations import Operation
from promptrail.language import mark, say, say_n

NO_HOOK = mark("no hook on the app's cryptography ran in these runs (agent `java-crypto`)")
WITHDRAWN = {
    "DES": mark("56-bit keys; withdrawn by NIST in 2005"),
    "DESEDE": mark("64-bit blocks; NIST SP 800-131A, disallowed after 2023"),
    "TRIPLEDES": mark("64-bit blocks; NIST SP 800-131A, disallowed after 2023"),
    "RC4": mark("its keystream is biased; RFC 7465"),
    "ARCFOUR": mark("its keystream is biased; RFC 7465"),
}
RECORDS, MESSAGES = 3, 2
"""Of hooks, and with the ciphertext in them: what a row cites."""


def sealing(material: Material) -> list[tuple[int, Operation]]:
    """Symmetric encryptions with their numbers."""
    return [(n, o) for n, o in enumerate(material.operations) if o.mode == "encrypt" and o.symmetric]


def rows_of(material: Material, numbers: list[int], what: str) -> list[Row]:
    """One row a host that such ciphertexts reached; one for those that were not met in any message."""
    sealed = material.carried.sealed()
    by_host: dict[str | None, dict[str, list[str]]] = {}
    at_rest: list[Operation] = []
    for number in numbers:
        operation = material.operations[number]
        if not sealed.get(number):
            at_rest.append(operation)
        for one in sealed.get(number, []):
            by_host.setdefault(one.host, {}).setdefault(one.flow, []).append(operation.ref)
    run_of = dict(zip(material.flows["flow"], material.flows["run"], strict=True))
    rows = []
    for host, flows in sorted(by_host.items(), key=lambda item: str(item[0])):
        refs = dict.fromkeys(ref for some in flows.values() for ref in some)
        rows.append(
            Row(
                run_of[next(iter(flows))],
                host,
                say(
                    "{what}: {encryptions} met in {messages}",
                    what=what,
                    encryptions=say_n("{n} encryption", "{n} encryptions", len(refs)),
                    messages=say_n("{n} message", "{n} messages", len(flows)),
                ),
                (*list(refs)[:RECORDS], *(f"flow {flow}" for flow in list(flows)[:MESSAGES])),
                tuple(flows),
                OUTSIDE[all(material.tls[flow] for flow in flows)],
            )
        )
    if at_rest:
        refs = dict.fromkeys(one.ref for one in at_rest)
        what = say_n(
            "{what}: {n} encryption whose output was met in no request, so they decide nothing",
            "{what}: {n} encryptions whose output was met in no request, so they decide nothing",
            len(at_rest),
            what=what,
        )
        rows.append(Row(at_rest[0].run, None, what, tuple(list(refs)[:RECORDS]), decides=False))
    return rows


def hosts(material: Material) -> set[str]:
    """Where something that hooks saw was met: of other hosts a hook in one process says nothing."""
    seen = [one for one in material.carried.met if one.seen.sealed or one.seen.signed]
    return {str(one.host) for one in seen}


def ecb(material: Material) -> Answer:
    """Encryptions in ECB mode: equal blocks of text come out equal."""
    if not material.hooked:
        return not_testable(say(NO_HOOK))
    found = sealing(material)
    by_algorithm: dict[str, list[int]] = {}
    for number, operation in found:
        if operation.chaining == "ECB":
            by_algorithm.setdefault(operation.algorithm, []).append(number)
    rows = [
        row
        for algorithm, numbers in sorted(by_algorithm.items())
        for row in rows_of(
            material, numbers, say("{algorithm} encrypts each block by itself (ECB)", algorithm=algorithm)
        )
    ]
    return answered(
        rows, looked(material), len(found) - sum(map(len, by_algorithm.values())), hosts(material)
    )


def withdrawn(material: Material) -> Answer:
    """Encryptions with ciphers that no longer hold."""
    if not material.hooked:
        return not_testable(say(NO_HOOK))
    found = sealing(material)
    by_algorithm: dict[str, list[int]] = {}
    for number, operation in found:
        if operation.family in WITHDRAWN:
            by_algorithm.setdefault(operation.algorithm, []).append(number)
    rows = [
        row
        for algorithm, numbers in sorted(by_algorithm.items())
        for row in rows_of(
            material, numbers, f"{algorithm} ({say(WITHDRAWN[algorithm.upper().split('/')[0]])})"
        )
    ]
    return answered(
        rows, looked(material), len(found) - sum(map(len, by_algorithm.values())), hosts(material)
    )


def looked(material: Material) -> str:
    """How much hooks told."""
    return say_n(
        "{n:,} encryption that hooks saw in {runs}",
        "{n:,} encryptions that hooks saw in {runs}",
        len(sealing(material)),
        runs=say_n("{n} run", "{n} runs", len(material.hooked)),
    )
