"""Keys that are no secret: the same over fresh installs, or made of what stands in the message. Rows out.

A key that lasts over restarts alone may have been made at installation and be kept well, so it decides nothing; one
that comes again after the app was installed anew or cleared came with the app. A key that is printable text was typed
by somebody: that is told beside it.
"""

from promptrail.findings.weakness.carried import Met
from promptrail.findings.weakness.check import OUTSIDE, Answer, Material, Row, answered, not_testable
from promptrail.findings.weakness.ciphers import MESSAGES, NO_HOOK, RECORDS, hosts, looked, rows_of, sealing
from promptrail.findings.weakness.keys_in_sight import is_written
from promptrail.findings.words import counted

FRESH = ("installed", "cleared")
"""Events after which an app knows nothing of an earlier session."""
DERIVED = "the key is no secret"


def lasting(material: Material) -> Answer:
    """Keys that came again in another run."""
    if not material.hooked:
        return not_testable(NO_HOOK)
    if len(material.hooked) < 2:
        return not_testable("hooks ran in one run alone, so it is not known whether a key comes again")
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
        names = " and ".join(sorted({material.operations[n].algorithm for n in numbers}))
        typed = " (printable text)" if is_written(key) else ""
        what = f"{names} key of {8 * len(key)} bits{typed}, the same in {len(runs)} of {len(material.hooked)} runs"
        if new >= 2:
            rows += rows_of(material, numbers, f"{what}, {new} of them fresh installs: it came with the app")
            continue
        rows += [
            Row(row.run, row.host, row.what, row.cites, row.flows, row.tls, decides=False)
            for row in rows_of(
                material, numbers, f"{what}; a key made at installation lasts as well, so it decides nothing"
            )
        ]
    return answered(
        rows, f"{looked(material)}, {len(used):,} {counted(len(used), 'key')}", once, hosts(material)
    )


def in_message(material: Material) -> Answer:
    """Keys that stand in the message that they encrypted, or follow from a value in it."""
    if not material.hooked:
        return not_testable(NO_HOOK)
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
                f"{algorithm}: {DERIVED}, {how}, in {len(flows)} {counted(len(flows), 'message')}",
                (*refs[:RECORDS], *(f"flow {flow}" for flow in flows[:MESSAGES])),
                flows,
                OUTSIDE[all(material.tls[flow] for flow in flows)],
            )
        )
    if not tried:
        return not_testable("no ciphertext that a hook saw was met in a message")
    looked_at = f"{tried:,} {counted(tried, 'ciphertext')} met in messages, against what stands beside them"
    return answered(rows, looked_at, hosts=hosts(material))
