"""Functions of a stripped BoringSSL, found by what they refer to; the names before stripping tell what is right."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from rigs.mitmdump import Mitmdump
from rigs.native import clients
from rigs.native.hooking import Hook
from rigs.native.probe import probe
from rigs.needs import missing_rig

pytestmark = pytest.mark.rig

FUNCTIONS = ("SSL_read", "SSL_write", "SSL_new", "ssl_crypto_x509_session_verify_cert_chain")


@pytest.fixture(scope="module")
def search() -> Iterator[Any]:
    """What is found in a library's file."""
    with probe("search") as exports:
        yield lambda file: exports.locate(str(file))["found"]


def named(library: Path) -> dict[str, int]:
    """Where the library's own symbol table says that these functions are."""
    listed = subprocess.run(["nm", library], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in listed.splitlines():
        at, _, symbol = line.rpartition(" ")
        for name in FUNCTIONS:
            if symbol == name or f"{len(name)}{name}E" in symbol:
                found[name] = int(at.split()[0], 16)
    assert found.keys() == set(FUNCTIONS)
    return found


@pytest.fixture(scope="module")
def arm64(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same release of curl_cffi for ARM64, from the package index; nothing of it is run."""
    folder = tmp_path_factory.mktemp("arm64")
    whole = f"curl_cffi=={clients.whole() and version('curl_cffi')}"
    options = [
        "--no-deps",
        "--only-binary=:all:",
        "--platform",
        "manylinux2014_aarch64",
        "--dest",
        str(folder),
    ]
    command = [sys.executable, "-m", "pip", "download", "-q", *options, whole]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    if done.returncode != 0:
        missing_rig(f"needs {whole} for ARM64, which pip could not get: {done.stderr[-300:]}")
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (library,) = [name for name in archive.namelist() if name.endswith("_wrapper.abi3.so")]
        return Path(archive.extract(library, folder))


def test_x86(search: Any, tmp_path: Path) -> None:
    """In the stripped library, each function is found where the unstripped one names it."""
    stripped = clients.stripped(tmp_path) / "curl_cffi" / clients.whole().name
    assert search(stripped) == named(clients.whole())


def test_arm64(search: Any, arm64: Path) -> None:
    """The same in the bytes of the library for ARM64, of which the search uses no symbol."""
    assert search(arm64) == named(arm64)


def test_no_boringssl(search: Any) -> None:
    """In a library without it nothing is found: OpenSSL has files of the same names, but for their ending."""
    assert search(Path("/usr/lib/x86_64-linux-gnu/libssl.so.3")) == {}


@pytest.mark.parametrize("cut", [0, 10, 63, 64, 5000])
def test_what_is_no_library(search: Any, tmp_path: Path, cut: int) -> None:
    """A file that is cut, or none, is refused in a sentence, and nothing breaks off."""
    file = tmp_path / "library.so"
    file.write_bytes(clients.whole().read_bytes()[:cut])
    with pytest.raises(Exception, match="Error"):
        search(file)
    assert search(clients.whole())


def test_the_agent_tells_what_it_located(tmp_path: Path, proxy: Mitmdump) -> None:
    """boringssl-locate names the functions and their places in a living process, and hooks nothing in it."""
    stripped = clients.stripped(tmp_path)
    trusted = proxy.confdir / "mitmproxy-ca-cert.pem"
    with clients.curl_cffi(trusted, stripped) as client:
        with Hook(tmp_path / "case", client.pid, "boringssl-locate") as hook:
            assert client.ask(proxy, "/located") == "OK 200"
        (told,) = hook.records("hooked")
        (found,) = told["found"]
        assert {name: int(at, 16) for name, at in found["offsets"].items()} == named(clients.whole())
        assert hook.stats()["located"] == len(FUNCTIONS)
        assert client.ask(proxy, "/located-after") == "OK 200"
