"""Encryptions that hooks saw under one key with one IV or nonce: operations in, one row a key, IV and host out.

With CTR, GCM and other keystreams two such messages give the XOR of their texts, and GCM its authentication key
(NIST SP 800-38D, appendix A); with CBC they show how far two texts begin alike. The same text again proves nothing, so
only different texts count. Among n random IVs of 12 bytes two meet with about n * n / 2^97, of 8 bytes n * n / 2^65.
"""

from dataclasses import replace

from promptrail.findings.weak.checks.check import Answer, Material, answered, not_testable
from promptrail.findings.weak.checks.ciphers import NO_HOOK, hosts, looked, rows_of, sealing
from promptrail.language import say, say_n

KEYSTREAM = {"CTR", "GCM", "CCM", "OFB", "OFB8", "POLY1305", "STREAM", "NONE", "CFB8"}


def look(material: Material) -> Answer:
    """Keys and IVs that were used for two different texts or more."""
    if not material.hooked:
        return not_testable(say(NO_HOOK))
    used: dict[tuple[str, bytes, bytes], list[int]] = {}
    for number, operation in sealing(material):
        if operation.key and operation.iv and operation.chaining != "ECB":
            used.setdefault((operation.algorithm, operation.key, operation.iv), []).append(number)
    rows, fresh = [], 0
    for (algorithm, _, iv), numbers in sorted(used.items(), key=lambda item: item[1]):
        texts = {material.operations[n].input for n in numbers}
        if len(texts) < 2:
            fresh += 1
            continue
        keystream = material.operations[numbers[0]].chaining in KEYSTREAM
        shared = (
            say("one IV of {size} bytes", size=len(iv))
            if any(iv)
            else say("one IV of zeros of {size} bytes", size=len(iv))
        )
        used_for = say(
            "{algorithm}, one key with {iv} for {n} different texts",
            algorithm=algorithm,
            iv=shared,
            n=len(texts),
        )
        what = (
            say("{used}: their texts can be taken from each other", used=used_for)
            if keystream
            else say("{used}: equal beginnings show", used=used_for)
        )
        by_chance = chance(len(texts), len(iv))
        rows += [replace(row, chance=by_chance) for row in rows_of(material, numbers, what)]
    pairs = say_n("{n:,} pair of key and IV", "{n:,} pairs of key and IV", len(used))
    return answered(rows, f"{looked(material)}, {pairs}", fresh, hosts(material))


def chance(texts: int, size: int) -> float:
    """That random IVs of so many bytes meet among so many (birthday bound)."""
    return float(texts**2 / 2 ** (8 * size + 1))
