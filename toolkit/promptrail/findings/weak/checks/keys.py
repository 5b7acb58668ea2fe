"""Keys that are no secret: the same over fresh installs, or made of what stands in the message. Rows out.

A key that lasts over restarts alone may have been made at installation and be kept well, so it decides nothing; one
that comes again after the app was installed anew or cleared came with the app. A key that is printable text was typed
by somebody: that is told beside it.
"""

from promptrail.findings.weak.checks.carried import Met
from promptrail.findings.weak.checks.check import OUTSIDE, Answer, Material, Row, answered, not_testable
from promptrail.findings.weak.checks.ciphers import (
    MESSAGES,
    NO_HOOK,
    RECORDS,
    hosts,
    looked,
    rows_of,
    sealing,
)
from promptrail.findings.weak.checks.keys_in_sight import is_written
from promptrail.language import say, say_n

FRESH = ("installed", "cleared")
"""Events after which an app knows nothing of an earlier session."""


def lasting(material: Material) -> Answer:
    """Keys that came again in another run."""
    if not material.hooked:
        return not_testable(say(NO_HOOK))
    if len(material.hooked) < 2:
        return not_testable(say("hooks ran in one run alone, so it is not known whether a key comes again"))
    events = material.case.events
    fresh_runs = set(events.loc[events["event"].isin(FRESH), "run"])
    used: dict[bytes, list[int]] = {}
    for number, operation in sealing(material):
        if operation.key:
            used.setdefault(operation.key, []).append(number)
    rows, once = [], 0
    for key, numbers in sorted(used.items(), key=lambda item: item[1]):
        runs = {material.operations[n].run for n in numbers}
        if len(runs) < 2:
            once += 1
            continue
        new = len(runs & fresh_runs)
        names = say(" and ").join(sorted({material.operations[n].algorithm for n in numbers}))
        what = say(
            "{key}, the same in {some} of {all} runs",
            key=_key(names, key),
            some=len(runs),
            all=len(material.hooked),
        )
        if new >= 2:
            what = say("{what}, {n} of them fresh installs: it came with the app", what=what, n=new)
            rows += rows_of(material, numbers, what)
            continue
        what = say("{what}; a key made at installation lasts as well, so it decides nothing", what=what)
        rows += [
            Row(row.run, row.host, row.what, row.cites, row.flows, row.tls, decides=False)
            for row in rows_of(material, numbers, what)
        ]
    keys = say_n("{n:,} key", "{n:,} keys", len(used))
    return answered(rows, f"{looked(material)}, {keys}", once, hosts(material))


def _key(algorithms: str, key: bytes) -> str:
    """A key by what it is for and its length, never by its value."""
    bits = 8 * len(key)
    if is_written(key):
        return say("{algorithms} key of {bits} bits (printable text)", algorithms=algorithms, bits=bits)
    return say("{algorithms} key of {bits} bits", algorithms=algorithms, bits=bits)


def in_message(material: Material) -> Answer:
    """Keys that stand in the message that they encrypted, or follow from a value in it."""
    if not material.hooked:
        return not_testable(say(NO_HOOK))
    by_way: dict[tuple[str, str | None, str], list[tuple[int, Met]]] = {}
    tried = 0
    for one in material.carried.met:
        tried += len(one.seen.sealed)
        for output, how in sorted(one.seen.keys.items()):
            for number in material.carried.made.get((one.run, output), []):
                algorithm = material.operations[number].algorithm
                by_way.setdefault((algorithm, one.host, how), []).append((number, one))
    rows = []
    for (algorithm, host, how), known in sorted(by_way.items(), key=lambda item: str(item[0])):
        flows = tuple(dict.fromkeys(one.flow for _, one in known))
        refs = tuple(dict.fromkeys(material.operations[number].ref for number, _ in known))
        rows.append(
            Row(
                known[0][1].run,
                host,
                say_n(
                    "{algorithm}: the key is no secret, {how}, in {n} message",
                    "{algorithm}: the key is no secret, {how}, in {n} messages",
                    len(flows),
                    algorithm=algorithm,
                    how=how,
                ),
                (*refs[:RECORDS], *(f"flow {flow}" for flow in flows[:MESSAGES])),
                flows,
                OUTSIDE[all(material.tls[flow] for flow in flows)],
            )
        )
    if not tried:
        return not_testable(say("no ciphertext that a hook saw was met in a message"))
    looked_at = say_n(
        "{n:,} ciphertext met in messages, against what stands beside them",
        "{n:,} ciphertexts met in messages, against what stands beside them",
        tried,
    )
    return answered(rows, looked_at, hosts=hosts(material))
