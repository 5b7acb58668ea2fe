"""Signatures over MD5 or SHA-1 that hooks saw and that a request carried: operations in, one row a host and place out.

Two texts with one MD5 or SHA-1 can be made (RFC 6151; Stevens and others, SHAttered, 2017), so neither proves who wrote
a text. A bare digest counts where the field that carries it is named like a signature; HMAC with either still holds
(RFC 6151, 2.3) and does not count.
"""

import re

from promptrail.findings.weak.checks.carried import Met, place_said
from promptrail.findings.weak.checks.check import OUTSIDE, Answer, Material, Row, answered, not_testable
from promptrail.findings.weak.checks.ciphers import MESSAGES, NO_HOOK, RECORDS, hosts
from promptrail.language import say, say_n

BROKEN = re.compile(r"MD[245]|SHA-?1\b|SHA1WITH", re.I)
SIGNATURE = re.compile(r"(?:^|[^a-z])(?:x-?)?(?:sign|sig|signature|checksum|mac|auth)(?:$|[^a-z])", re.I)


def look(material: Material) -> Answer:
    """Where such a signature stands."""
    if not material.hooked:
        return not_testable(say(NO_HOOK))
    made = [o for o in material.operations if o.mode in ("sign", "digest")]
    found: dict[tuple[str, str | None, str], list[tuple[int, Met]]] = {}
    sound = 0
    for one in material.carried.met:
        for output, place in one.seen.signed:
            for number in material.carried.made.get((one.run, output), []):
                operation = material.operations[number]
                named = SIGNATURE.search(place.rpartition(" > ")[2])
                if operation.mode not in ("sign", "digest") or (operation.mode == "digest" and not named):
                    continue
                if BROKEN.search(operation.algorithm):
                    found.setdefault((operation.algorithm, one.host, place), []).append((number, one))
                else:
                    sound += 1
    rows = []
    for (algorithm, host, place), known in sorted(found.items(), key=lambda item: str(item[0])):
        flows = tuple(dict.fromkeys(one.flow for _, one in known))
        refs = tuple(dict.fromkeys(material.operations[number].ref for number, _ in known))
        rows.append(
            Row(
                known[0][1].run,
                host,
                say_n(
                    "{algorithm} stands for a signature in {place}, in {n} message: it proves no sender",
                    "{algorithm} stands for a signature in {place}, in {n} messages: it proves no sender",
                    len(flows),
                    algorithm=algorithm,
                    place=place_said(place),
                ),
                (*refs[:RECORDS], *(f"flow {flow}" for flow in flows[:MESSAGES])),
                flows,
                OUTSIDE[all(material.tls[flow] for flow in flows)],
            )
        )
    looked = say_n(
        "{n:,} digest and signatures that hooks saw", "{n:,} digests and signatures that hooks saw", len(made)
    )
    return answered(rows, looked, sound, hosts(material))
