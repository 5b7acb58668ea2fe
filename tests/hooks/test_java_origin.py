"""Which class of a real JVM's app made a request and opened its connection, told by the agent."""

from pathlib import Path

import pytest

from rigs.client import HOST
from rigs.java.jvm import Hooked
from rigs.java.pinned import READ, app, ask
from rigs.mitmdump import Mitmdump

pytestmark = pytest.mark.rig


def test_who_asked_and_who_connected(tmp_path: Path, certificates: Path, proxy: Mitmdump) -> None:
    """The URL with the app's class, not OkHttp's; the connection with the addresses that the proxy saw."""
    with app(tmp_path, certificates, "plain", "none", proxy) as running:
        with Hooked(running, "origin") as hooked:
            assert ask(running, proxy, "/origin") == READ
            told = {record["of"]: record for record in hooked.records("stack")}
        count = len(hooked.messages)
        assert ask(running, proxy, "/origin") == READ and len(hooked.messages) == count
    asked, connected = told["request"], told["connection"]
    assert (asked["url"], asked["method"]) == (f"https://{HOST}/origin", "POST")
    assert asked["class"] == connected["class"] == "PinnedClient"
    assert any(frame.startswith("PinnedClient.main(") for frame in asked["frames"])
    assert connected["peer"] == ["127.0.0.1", proxy.port]
    assert connected["local"] in [c.get("peer") for c in proxy.records("connection")]
    assert hooked.ended == hooked.ended | {"connections": 1, "requests": 1, "faults": 0}
