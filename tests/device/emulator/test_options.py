"""Choices in, the emulator's command line out; what it would not take is refused before it starts."""

from pathlib import Path
from typing import Any

import pytest

from promptrail.device.emulator.options import Options
from promptrail.errors import DeviceError


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"network_delay": "gsm"}, ["-netdelay", "gsm"]),
        ({"network_delay": "100:200"}, ["-netdelay", "100:200"]),
        ({"network_speed": "edge"}, ["-netspeed", "edge"]),
        ({"network_speed": "14"}, ["-netspeed", "14"]),
        ({"http_proxy": "127.0.0.1:8080"}, ["-http-proxy", "127.0.0.1:8080"]),
        ({"http_proxy": "http://user:word@proxy.test:3128"}, ["-http-proxy", "http://user:word@proxy.test:3128"]),
        ({"dns_servers": "192.0.2.1,2001:db8::1"}, ["-dns-server", "192.0.2.1,2001:db8::1"]),
        ({"read_only": True}, ["-read-only"]),
        ({"writable_system": True}, ["-writable-system"]),
        ({"wipe": True}, ["-wipe-data"]),
        ({"gpu": "host"}, ["-gpu", "host"]),
        ({"snapshot": "clean"}, ["-snapshot", "clean"]),
    ],
)  # fmt: skip
def test_each_has_its_words(chosen: dict[str, Any], words: list[str]) -> None:
    """In the command line as the public documentation has it."""
    line = Options(**chosen).arguments("inv34", 5560)
    assert line[:4] == ["-avd", "inv34", "-port", "5560"]
    assert words in [line[at : at + len(words)] for at in range(len(line))]


def test_a_cold_boot_unless_a_snapshot_is_named() -> None:
    """And nothing of the session is saved over the AVD's state, ever."""
    assert "-no-snapshot-load" in Options().arguments("a", 5554)
    assert "-no-snapshot-load" not in Options(snapshot="s").arguments("a", 5554)
    assert all("-no-snapshot-save" in Options(snapshot=s).arguments("a", 5554) for s in (None, "s"))


def test_a_window_has_a_screen_to_draw_on() -> None:
    """Without one the processor draws."""
    assert "-no-window" in Options().arguments("a", 5554) and "swiftshader_indirect" in Options().arguments(
        "a", 5554
    )
    window = Options(headless=False).arguments("a", 5554)
    assert "-no-window" not in window and "swiftshader_indirect" not in window


@pytest.mark.parametrize(
    "chosen",
    [
        {"network_delay": "fast"},
        {"network_delay": "1:2:3"},
        {"network_speed": "-avd"},
        {"network_speed": "1 2"},
        {"http_proxy": "https://x:1"},
        {"http_proxy": "proxy.test"},
        {"http_proxy": "proxy.test:"},
        {"dns_servers": "one.test"},
        {"dns_servers": "192.0.2.1, 192.0.2.2"},
        {"snapshot": "a b"},
        {"snapshot": "s", "wipe": True},
    ],
)
def test_what_it_would_not_take(chosen: dict[str, Any]) -> None:
    """Refused with the value."""
    with pytest.raises(DeviceError):
        Options(**chosen)


def test_a_capture_is_never_written_over(tmp_path: Path) -> None:
    """The emulator would; and it gets the whole path, as it runs elsewhere."""
    file = tmp_path / "packets.pcap"
    assert str(file) in Options(tcpdump=file).arguments("a", 5554)
    file.touch()
    with pytest.raises(DeviceError, match="never written over"):
        Options(tcpdump=file)
