"""What the cloud vendor's server hands out: settings and experiments, by the unit that asks."""

import hashlib
import time

from aiohttp import web

from promptrail.lab.world import CLOUD

HEARTBEATS = {"often": 3, "seldom": 0}
"""After each prompt, by test group."""


def group(unit: str) -> str:
    """The test group of a unit: the same for the same unit, and half of all units in each."""
    return "often" if hashlib.sha256(f"report_often {unit}".encode()).digest()[0] & 1 else "seldom"


async def _experiments(request: web.Request) -> web.StreamResponse:
    chosen = group(request.query.get("unit", ""))
    answer = web.json_response(
        {
            "issued_at": int(time.time() * 1000),
            "settings": {"sampling": 1.0, "upload_interval": 30, "log_level": "info"},
            "experiments": {
                "composer_hint": {"variant": "control"},
                "report_often": {"variant": chosen, "heartbeats": HEARTBEATS[chosen]},
            },
        }
    )
    answer.enable_compression(web.ContentCoding.gzip)
    return answer


ROUTES = {(CLOUD, "GET", "/v1/experiments"): _experiments}
