"""A server of the lab's on loopback and two real proxies before it: the investigator's, and a third party's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from promptrail.lab import authority
from rigs.client import HOST
from rigs.mitmdump import Mitmdump, routed
from rigs.tls_server import TlsServer


@pytest.fixture(scope="package")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return authority.make(tmp_path_factory.mktemp("certificates")).parent


@pytest.fixture(scope="package")
def server(certificates: Path) -> Iterator[TlsServer]:
    with TlsServer(certificates / f"{HOST}.pem") as running:
        yield running


@pytest.fixture(scope="package")
def proxy(
    tmp_path_factory: pytest.TempPathFactory, server: TlsServer, certificates: Path
) -> Iterator[Mitmdump]:
    """The investigator's."""
    with Mitmdump(tmp_path_factory.mktemp("proxy"), *routed(server.port, certificates)) as running:
        yield running


@pytest.fixture(scope="package")
def stranger(
    tmp_path_factory: pytest.TempPathFactory, server: TlsServer, certificates: Path
) -> Iterator[Mitmdump]:
    """Somebody else's, with a CA of its own: no hook may open an app to it."""
    with Mitmdump(tmp_path_factory.mktemp("stranger"), *routed(server.port, certificates)) as running:
        yield running
