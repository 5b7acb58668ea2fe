"""The route tun by the recorder: all of the device's IP through the proxy's own interface, and nothing of it stays."""

from pathlib import Path

import pytest

from promptrail.device.recorder import Choices, record
from promptrail.device.scenario import read
from promptrail.lab.scenarios import SCENARIOS
from promptrail.lab.world import CHAT
from rigs.android import lab_phone
from rigs.android.lab_phone import scene
from rigs.android.namespaces import UPLINK, why_not
from rigs.android.recording import record_of, scenario

pytestmark = pytest.mark.rig


def test_a_run_through_the_interface_of_the_proxy(tmp_path: Path) -> None:
    """Proved, recorded, and taken back: rules, routes and settings of the gateway are as before."""
    why_not(tun=True)
    file = scenario(tmp_path, about='controls = ["C1"]\nroute = "tun"\n')
    with scene(tmp_path, behind=True) as the:
        lab_phone.prepare(the.phone, the.case, SCENARIOS[1], the.lab, driven=True)
        choices = Choices(
            interface=UPLINK,
            namespace=the.gateway.namespace,
            options={"ssl_verify_upstream_trusted_ca": str(the.lab.ca)},
            because="a test",
            film=False,
        )
        filters = "iptables-save -t filter | grep -v '^#' | sed 's/\\[.*\\]//'"
        state = f"ip rule; ip -6 rule; {filters}; sysctl -a -r rp_filter"
        before = the.gateway.do(state)
        record(the.case, read(file), the.device, choices)
        assert the.gateway.do(state) == before
    told = record_of(the.case, "first-chat-c1")
    assert told["complete"] and told["route"]["route"] == "tun"
    assert all(change["undone"] for change in told["changes"])
    assert CHAT in (the.case.captures / "first-chat-c1" / "evidence.jsonl").read_text()
