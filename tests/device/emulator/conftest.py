"""The SDK of stand-ins, as if it were this machine's own, and an adb server for its emulators."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rigs.android.sdk import folder
from rigs.android.sdk.folder import StandIn


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    return folder.installed(tmp_path, monkeypatch)


@pytest.fixture
def own_adb(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from folder.own_adb(monkeypatch)
