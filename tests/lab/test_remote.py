"""The cloud vendor's experiments: what its server hands out, to whom, and that the lab's server serves it."""

import asyncio
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from promptrail.lab import server
from promptrail.lab.server_remote import HEARTBEATS, ROUTES, group
from promptrail.lab.world import CLOUD


async def asked(unit: str) -> Any:
    """What the handler answers over a real connection."""
    app = web.Application()
    ((_, _, path),) = ROUTES
    app.router.add_get(path, next(iter(ROUTES.values())))
    async with (
        TestServer(app) as running,
        ClientSession() as session,
        session.get(running.make_url(path).with_query(unit=unit)) as answer,
    ):
        assert answer.headers["Content-Encoding"] == "gzip"
        return await answer.json()


def test_a_unit_stays_in_its_group_and_both_groups_have_units() -> None:
    """Runs differ because their sessions do, and the same session is the same experiment."""
    units = [f"{n:024x}" for n in range(200)]
    groups = [group(unit) for unit in units]
    assert groups == [group(unit) for unit in units]
    assert 60 < groups.count("often") < 140


def test_the_answer_tells_how_often_to_report() -> None:
    """The variant and the number go together; whoever asks without a unit is in a group too."""
    for unit in ("a", "b", "c", ""):
        told = asyncio.run(asked(unit))["experiments"]["report_often"]
        assert told == {"variant": group(unit), "heartbeats": HEARTBEATS[group(unit)]}


def test_the_labs_server_serves_it() -> None:
    """As the cloud vendor's host, and as no other."""
    assert [key for key in server.ROUTES if key[2] == "/v1/experiments"] == [
        (CLOUD, "GET", "/v1/experiments")
    ]
