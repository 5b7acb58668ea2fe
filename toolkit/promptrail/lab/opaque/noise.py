"""What the hosts of the opaque case are sent whatever is typed: heartbeats, events, batches, in three profiles.

In: the plan's seed, a host, a slot. Out: bodies of its requests beside the vendor's own, of the same sizes for the same
plan. An event comes with each prompt sent, the rest by chance; nothing follows the length of a text.
"""

import json
import math
import os
import random
from typing import Any

PROFILES = ("quiet", "moderate", "loud")
HEARTBEATS, HEARTBEAT_SHARE = 2, 0.25
SMALLEST = 40


def sizes(seed: str, host: str, slot: dict[str, Any], profile: str) -> list[int]:
    """Bytes of body of each request; at most five."""
    chance = random.Random(f"{seed} noise {host} {slot['slot']}")
    found = [chance.gauss(180, 10) for _ in range(HEARTBEATS) if chance.random() < HEARTBEAT_SHARE]
    if slot["kind"] == "prompt":
        found.append(chance.gauss(420, 15))
    if profile != "quiet" and chance.random() < 0.5:
        found.append(chance.lognormvariate(math.log(2500), 0.6))
    if profile == "loud" and chance.random() < 0.6:
        found.append(chance.lognormvariate(math.log(20_000), 1.0))
    chance.shuffle(found)
    return [max(round(size), SMALLEST) for size in found]


def beside(seed: str, host: str, slot: dict[str, Any], profile: str, readable: bool) -> list[bytes]:
    """The bodies: random bytes, as JSON for a host that is read."""
    wanted = sizes(seed, host, slot, profile)
    if not readable:
        return [os.urandom(size) for size in wanted]
    frame = len(json.dumps({"beat": ""}))
    return [json.dumps({"beat": os.urandom(size).hex()[: size - frame]}).encode() for size in wanted]
