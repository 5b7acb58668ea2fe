"""Encryptions that hooks saw under one key with one IV or nonce: operations in, one row a key, IV and host out.

With CTR, GCM and other keystreams two such messages give the XOR of their texts, and GCM its authentication key
(NIST SP 800-38D, appendix A); with CBC they show how far two texts begin alike. The same text again proves nothing, so
only different texts count. Among n random IVs of 12 bytes two meet with about n * n / 2^97, of 8 bytes n * n / 2^65.
"""

from dataclasses import replace

from promptrail.findings.weakness.check import Answer, Material, answered, not_testable
from promptrail.findings.weakness.ciphers import NO_HOOK, hosts, looked, rows_of, sealing
from promptrail.findings.words import counted

KEYSTREAM = {"CTR", "GCM", "CCM", "OFB", "OFB8", "POLY1305", "STREAM", "NONE", "CFB8"}


def look(material: Material) -> Answer:
    """Keys and IVs that were used for two different texts or more."""
    if not material.hooked:
        return not_testable(NO_HOOK)
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
        worth = "their texts can be taken from each other" if keystream else "equal beginnings show"
        zero = " of zeros" if not any(iv) else ""
        what = f"{algorithm}, one key with one IV{zero} of {len(iv)} bytes for {len(texts)} different texts: {worth}"
        by_chance = chance(len(texts), len(iv))
        rows += [replace(row, chance=by_chance) for row in rows_of(material, numbers, what)]
    n = len(used)
    return answered(
        rows, f"{looked(material)}, {n:,} {counted(n, 'pair')} of key and IV", fresh, hosts(material)
    )


def chance(texts: int, size: int) -> float:
    """That random IVs of so many bytes meet among so many (birthday bound)."""
    return float(texts**2 / 2 ** (8 * size + 1))
