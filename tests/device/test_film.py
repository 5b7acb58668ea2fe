"""The film of a run, by a stand-in for screenrecord: whole pieces, and a device that cannot film is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from device.scenario.stages import phone
from promptrail.device.device import Device
from promptrail.device.film import HERE, Film
from promptrail.errors import RecordingError
from rigs.android.namespaces import ENVIRONMENT, Phone

pytestmark = pytest.mark.rig


@pytest.fixture(scope="module")
def there() -> Iterator[tuple[Phone, Device]]:
    with phone() as one:
        yield one


def test_a_film_is_ended_whole(there: tuple[Phone, Device], tmp_path: Path) -> None:
    """By SIGINT, copied, readable by the owner only, and taken off the device; after an error in the block as well."""
    film = Film(there[1], tmp_path)
    with pytest.raises(RecordingError), film:
        there[0].run("until pidof screenrecord; do sleep 0.05; done")
        raise RecordingError("the step could not be done")
    assert film.files == ["screen-01.mp4"] and film.told is None
    assert (tmp_path / "screen-01.mp4").read_bytes().endswith(b"moov")
    assert (tmp_path / "screen-01.mp4").stat().st_mode & 0o777 == 0o600
    assert not there[0].file(HERE).exists() and not there[0].run("pidof screenrecord", check=False)


def test_a_film_of_nothing(there: tuple[Phone, Device], tmp_path: Path) -> None:
    """Ended before it began: no loop stays that would begin it later."""
    with Film(there[1], tmp_path):
        pass
    there[0].run("sleep 0.5")
    assert not there[0].run("pidof screenrecord", check=False) and not there[0].file(HERE).exists()


def test_one_that_is_left_from_before(there: tuple[Phone, Device], tmp_path: Path) -> None:
    """It is ended first, and its pieces are not taken for this run's."""
    Film(there[1], tmp_path).__enter__()
    there[0].run("until pidof screenrecord; do sleep 0.05; done; touch " + HERE + "/screen-07.mp4")
    with Film(there[1], tmp_path) as film:
        there[0].run("until pidof screenrecord; do sleep 0.05; done")
    assert film.files == ["screen-01.mp4"]


@pytest.mark.parametrize(
    ("instead", "words"),
    [(None, "this device has no screenrecord"), ("exit 1", "screenrecord wrote nothing")],
)
def test_a_device_that_cannot(
    there: tuple[Phone, Device], tmp_path: Path, instead: str | None, words: str
) -> None:
    """Told, and no fault of the run."""
    there[0].run("mkdir -p /data/bin && cp /system/bin/* /data/bin/ && rm /data/bin/screenrecord")
    if instead:
        there[0].run(
            f"printf '#!/bin/sh\\n{instead}\\n' >/data/bin/screenrecord; chmod 755 /data/bin/screenrecord"
        )
    with (
        there[0].adbd(env=ENVIRONMENT | {"PATH": "/data/bin:/usr/bin:/usr/sbin"}) as adbd,
        Film(adbd.device(), tmp_path) as film,
    ):
        pass
    assert film.told and words in film.told and film.files == []
