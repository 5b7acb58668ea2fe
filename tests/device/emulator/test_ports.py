"""Pairs of ports for emulators: real sockets and locks."""

import contextlib
import socket

import pytest

from promptrail.device.emulator import ports
from promptrail.errors import DeviceError
from rigs.android.sdk.folder import StandIn
from rigs.needs import missing_rig


def test_each_has_its_own(stand_in: StandIn) -> None:
    """Two that are held at once differ, though nobody listens yet; what is given back is there again."""
    with ports.pair() as one, ports.pair() as other:
        assert one != other and one % 2 == other % 2 == 0
        with pytest.raises(DeviceError, match="is taken"), ports.pair(one):
            pass
    with ports.pair(one) as again:
        assert again == one


@pytest.mark.parametrize("beside", [0, 1])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "0.0.0.0"])
def test_a_port_on_which_somebody_listens(stand_in: StandIn, address: str, beside: int) -> None:
    """Either of the two, on any address of the loopback: the pair is passed over."""
    with ports.pair() as port:
        pass
    with contextlib.ExitStack() as stack:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            stack.enter_context(socket.create_server((address, port + beside), family=family))
        except OSError as fault:
            missing_rig(f"this machine has no {address}: {fault}")
        assert stack.enter_context(ports.pair()) != port
        with pytest.raises(DeviceError):
            stack.enter_context(ports.pair(port))


def test_all_are_taken(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence with what to do."""
    with ports.pair() as port:
        monkeypatch.setattr(ports, "CONSOLES", range(port, port + 1, 2))
        with pytest.raises(DeviceError, match="emu kill") as found, ports.pair():
            pass
    assert found.value.fault == "ports-taken"
