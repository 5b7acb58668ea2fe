"""The lab's apps: a plan in, a session of "Parley", "Marginalia" or "Sampler" out, with its events and its answer key.

    python -m promptrail.lab.app PLAN

PLAN is a JSON object (see `record.plan`). The session is compressed into about two seconds. It ends when its standard
input does.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import aiohttp

from promptrail.lab.answer_key import AnswerKey
from promptrail.lab.leash import leash
from promptrail.lab.marginalia import marginalia
from promptrail.lab.network import Network
from promptrail.lab.parley import Parley
from promptrail.lab.sampler import sample
from promptrail.lab.session import Session


async def session(s: Session) -> None:
    """The app of the plan, from its start to its end."""
    match s.plan["app"]:
        case "Parley":
            await Parley(s).play()
        case "Marginalia":
            await marginalia(s)
        case "Sampler":
            await sample(s.key, s.network, s.plan["prompts"])
        case other:
            raise ValueError(f"the lab has no app {other!r}")


async def play(plan: dict[str, Any]) -> None:
    key = AnswerKey(Path(plan["folder"]), plan["run"], plan["probes"])
    agent = f"{plan['app']}/{plan['version']} (Android 15; SIM-8)"
    places = (Path(plan["ca"]), Path(plan["pin"]))
    if not plan.get("trusts_proxy", True):
        key.event("untrusted-ca", label="the proxy's CA is not installed on the device")
    async with Network(key, agent, plan["proxy"], *places, kit=plan["kit"]) as network:
        try:
            await session(Session(plan, key, network))
        except aiohttp.ClientConnectorCertificateError:
            if plan.get("trusts_proxy", True):
                raise
            key.event("end", label="the app meets a certificate that it does not trust, and gives up")


def wait_at_the_gate() -> None:
    """Tell that all is loaded, and begin only when somebody says so: hooks find what is loaded then."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    plan = json.loads(sys.argv[1])
    if plan["gate"]:
        wait_at_the_gate()
    leash()
    asyncio.run(play(plan))
