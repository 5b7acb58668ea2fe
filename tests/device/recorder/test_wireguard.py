"""The route wireguard by the recorder: first what the person has to do, then a recorded run through the tunnel."""

from pathlib import Path

import pytest

from promptrail.case import Case
from promptrail.device.recorder import Choices, record
from promptrail.device.routing import wireguard
from promptrail.device.scenario import read
from promptrail.errors import RecordingError
from promptrail.lab.scenarios import SCENARIOS
from promptrail.lab.world import CHAT
from rigs.android import lab_phone
from rigs.android.lab_phone import scene
from rigs.android.namespaces import GATEWAY, UPLINK, why_not
from rigs.android.recording import record_of, scenario

pytestmark = pytest.mark.rig


def test_the_route_needs_our_address(tmp_path: Path) -> None:
    """Before anything is asked of the device."""
    plan = read(scenario(tmp_path, about='controls = ["C1"]\nroute = "wireguard"\n'))
    case = Case.create(tmp_path / "case")
    with pytest.raises(RecordingError, match="needs --host"):
        record(case, plan, None, Choices())  # type: ignore[arg-type]


def test_a_run_through_the_tunnel(tmp_path: Path) -> None:
    """The configuration is written and told; once it is in the app, a run is proved, recorded and taken back."""
    why_not(tun=True)
    file = scenario(tmp_path, about='controls = ["C1"]\nroute = "wireguard"\n')
    with scene(tmp_path, behind=True, more=[lab_phone.WIREGUARD]) as the:
        lab_phone.prepare(the.phone, the.case, SCENARIOS[1], the.lab, driven=True)
        options = {"ssl_verify_upstream_trusted_ca": str(the.lab.ca)}
        place = {"interface": UPLINK, "namespace": the.gateway.namespace, "host": GATEWAY}
        choices = Choices(options=options, because="a test", film=False, **place)  # type: ignore[arg-type]
        said: list[str] = []
        with pytest.raises(RecordingError):  # the tunnel is not in the app yet
            record(the.case, read(file), the.device, choices, said.append)
        assert any("import from file, promptrail.conf" in line for line in said)
        text = (the.case.private / "promptrail.conf").read_text()
        folder = the.phone.file(f"/data/data/{wireguard.APP}/files")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "promptrail.conf").write_text(text)
        record(the.case, read(file), the.device, choices, said.append)
        assert (the.case.private / "promptrail.conf").read_text() == text
        assert "tun0" not in the.phone.run("ip link")
    told = record_of(the.case, "first-chat-c1")
    assert told["complete"] and told["route"]["route"] == "wireguard"
    assert all(change["undone"] for change in told["changes"])
    assert CHAT in (the.case.captures / "first-chat-c1" / "evidence.jsonl").read_text()
