"""How long attribution takes: distinct hosts a second and core, offline. Prints its figures, asserts nothing.

    .venv/bin/python tests/benchmarks/attribute.py [HOSTS]

Four of five hosts are of domains that nobody knows, the fifth below one of the shipped table; every tenth has an
address.
"""

import random
import sys
import time

from promptrail.attribute.recipients import who
from promptrail.attribute.subjects import Address, subject
from promptrail.attribute.table import shipped
from promptrail.frames import to_arrow

SUFFIXES = ("com", "net", "co.uk", "com.cn", "io", "github.io", "xn--55qx5d.cn", "cloudfront.net")


def hosts(count: int) -> list[str]:
    """Distinct host names."""
    chance = random.Random(11)
    known = [domain for entry in shipped().entries for domain in entry.domains]
    out = []
    for n in range(count):
        below = (
            chance.choice(known) if n % 5 == 0 else f"d{chance.randrange(count)}.{chance.choice(SUFFIXES)}"
        )
        out.append(f"h{n}.{below}")
    return out


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    asked = hosts(count)
    chance = random.Random(12)
    at: dict[str, list[Address]] = {}
    for host in asked[::10]:
        found = subject(".".join(str(chance.randrange(1, 224)) for _ in range(4))).address
        at[host] = [found] if found else []
    who(asked[:1])
    rows: list[dict[str, object]] = []
    for words, addresses in (("names alone", {}), ("every tenth with an address", at)):
        rows.clear()
        began = time.process_time()
        rows = who(asked, addresses=addresses)
        spent = time.process_time() - began
        print(
            f"{count:,} hosts, {words}: {len(rows):,} rows, {spent:.2f} s CPU, {count / spent:,.0f} hosts/s"
        )
    began = time.process_time()
    to_arrow("recipients", rows)
    print(f"as a frame: {time.process_time() - began:.2f} s CPU more")


if __name__ == "__main__":
    main()
