"""A proxy with the capture addon before a TLS server on loopback, for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from promptrail.lab import authority
from rigs.client import HOST
from rigs.mitmdump import Mitmdump, routed
from rigs.tls_server import TlsServer


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return authority.make(tmp_path_factory.mktemp("certificates")).parent


@pytest.fixture
def server(certificates: Path) -> Iterator[TlsServer]:
    with TlsServer(certificates / f"{HOST}.pem") as running:
        yield running


@pytest.fixture(scope="module")
def confdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One CA for all proxies of this file."""
    return tmp_path_factory.mktemp("confdir")


@pytest.fixture
def proxy(tmp_path: Path, server: TlsServer, certificates: Path, confdir: Path) -> Iterator[Mitmdump]:
    with Mitmdump(tmp_path, *routed(server.port, certificates), confdir=confdir) as running:
        yield running
