"""What the lab's servers answer to the weak kit (see channels/weak.py): everything is taken, nothing is opened."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from promptrail.lab.world import BEACON, CLOUD, FINGERPRINT, UPDATES

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def taken(request: web.Request) -> web.StreamResponse:
    """The whole body is read and dropped."""
    await request.read()
    return web.json_response({"ok": True})


ROUTES: dict[tuple[str, str, str], Handler] = {
    (BEACON, "POST", "/v1/beacon"): taken,
    (CLOUD, "POST", "/v2/applog"): taken,
    (CLOUD, "POST", "/v2/blocks"): taken,
    (CLOUD, "POST", "/v2/chained"): taken,
    (UPDATES, "POST", "/v1/check"): taken,
    **{(FINGERPRINT, "POST", f"/v3/{how}"): taken for how in ("ecb", "fixed-iv", "derived", "des")},
}
