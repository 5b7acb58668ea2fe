"""Frida on the device: missing, of another version, for another processor, not started, not as root."""

from pathlib import Path

import pytest

from device.doctor.patients import patient, result

PS = "echo 'USER NAME'; echo 'root init'; echo '{user} frida-server'; echo 'u0_a1 org.example.chat'"


@pytest.mark.parametrize(
    ("program", "ps", "state", "told"),
    [
        (None, "", "fault", "no frida-server on the device"),
        ("echo 17.9.1", PS.format(user="root"), "ok", "17.9.1 runs as root"),
        ("echo 16.7.19", PS.format(user="root"), "fault", "there is 16.7.19, and Frida here 17.9.1"),
        ("echo not executable: 64-bit ELF file >&2; exit 126", "", "fault", "does not run"),
        ("echo 17.9.1", "echo 'USER NAME'", "fault", "does not run"),
        ("echo 17.9.1", PS.format(user="shell"), "fault", "runs as shell"),
    ],
)
def test_the_server(tmp_path: Path, program: str | None, ps: str, state: str, told: str) -> None:
    """Its version has to be ours, and it has to run as root."""
    with patient(tmp_path, su="magisk", more={"ps": ps or "echo USER NAME"}) as (adbd, bench):
        bench.version_of = lambda package: "17.9.1"
        if program:
            server = adbd.root / "data/local/tmp/frida-server"
            server.write_text(f"#!/bin/sh\n{program}\n")
            server.chmod(0o755)
        found = result(bench, "frida-server")
    assert found.state == state and told in found.told
    assert state == "ok" or "as root" in found.remedy


def test_the_file_to_get_is_named(tmp_path: Path) -> None:
    """Version and processor, as Frida calls them."""
    with patient(tmp_path, su="magisk", properties={"ro.product.cpu.abi": "arm64-v8a"}) as (_, bench):
        bench.version_of = lambda package: "17.9.1"
        assert "frida-server 17.9.1 for android-arm64 " in result(bench, "frida-server").remedy


def test_without_frida_here(tmp_path: Path) -> None:
    """There is nothing to compare with."""
    with patient(tmp_path, su="magisk") as (_, bench):
        bench.version_of = lambda package: None
        assert result(bench, "frida-server").state == "not checked"


def test_a_name_is_no_command(tmp_path: Path) -> None:
    """A file that is called like a command is run as a file."""
    with patient(tmp_path, su="magisk") as (adbd, bench):
        bench.version_of = lambda package: "17.9.1"
        (adbd.root / "data/local/tmp/frida-server-$(touch x);touch y").write_text("")
        result(bench, "frida-server")
        assert not any((folder / name).exists() for folder in (adbd.root, Path.cwd()) for name in "xy")
