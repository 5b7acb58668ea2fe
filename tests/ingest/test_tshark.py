"""tshark as a process: missing, stuck, ended before its time, and deaf to the settings of the user."""

import os
import stat
import time
from pathlib import Path

import pytest

from promptrail.errors import MissingTool
from promptrail.ingest.packets import tshark
from promptrail.ingest.packets.file import walk
from promptrail.ingest.packets.found import Packet
from promptrail.ingest.packets.tshark import PLACE
from rigs.packets import may_read, pcap_of, segment

pytestmark = pytest.mark.rig
HERE, THERE = ("10.0.0.1", 40_000), ("10.0.0.2", 8080)
FRAMES = [
    segment(HERE, THERE, 1, 0, 2),
    segment(THERE, HERE, 9, 2, 18),
    segment(HERE, THERE, 2, 10, 24, b"GET /\r\n"),
]


def packets(frames: list[bytes]) -> list[Packet]:
    return [one for one in walk(pcap_of(frames)) if isinstance(one, Packet)]


def pretender(folder: Path, body: str) -> str:
    """A program that is called as tshark is: it has a version and no protocols, and does what `body` says."""
    file = folder / "tshark"
    file.write_text(f'#!/bin/sh\ncase "$1" in --version|-G) exit 0;; esac\n{body}\n')
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


def test_a_row_for_every_frame() -> None:
    """In the order of frames, numbered from 1, with the payload as sent."""
    may_read()
    rows = list(tshark.rows(packets(FRAMES), b""))
    assert [row[PLACE["frame.number"]] for row in rows] == [b"1", b"2", b"3"]
    assert bytes.fromhex(rows[2][PLACE["tcp.payload"]].decode()) == b"GET /\r\n"
    assert rows[0][PLACE["frame.time_epoch"]].startswith(b"1790000000.0")


def test_settings_of_the_user_have_no_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile that switches TCP off, or checksums on, changes nothing."""
    may_read()
    (tmp_path / "wireshark").mkdir()
    (tmp_path / "wireshark" / "disabled_protos").write_text("tcp\n")
    (tmp_path / "wireshark" / "preferences").write_text("tcp.check_checksum: TRUE\nip.check_checksum: TRUE\n")
    expected = list(tshark.rows(packets(FRAMES), b""))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("WIRESHARK_CONFIG_DIR", str(tmp_path / "wireshark"))
    assert list(tshark.rows(packets(FRAMES), b"")) == expected
    assert expected[2][PLACE["tcp.stream"]] == b"0"


def test_where_it_is_missing_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what stays unread."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(tshark, "PLACES", ())
    tshark.program.cache_clear()
    try:
        with pytest.raises(MissingTool, match=r"apt install tshark.*brew install wireshark.*winget"):
            tshark.program()
    finally:
        tshark.program.cache_clear()


def test_one_that_is_stuck_is_ended(tmp_path: Path) -> None:
    """It takes nothing and says nothing: it is ended by its own id, and the error says so."""
    program = pretender(tmp_path, f"echo $$ >{tmp_path}/pid; exec sleep 600")
    many = packets(FRAMES * 20_000)
    with pytest.raises(tshark.Ended, match="neither took a packet nor told of one"):
        list(tshark.rows(many, b"", program, quiet=0.5))
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("echo what is wrong >&2; exit 2", "with exit code 2: what is wrong"),
        ("kill -SEGV $$", "by signal 11"),
    ],
)
def test_one_that_ends_early_is_told_with_its_own_words(tmp_path: Path, body: str, words: str) -> None:
    """A crash costs what came behind it, and is no exception of ours."""
    with pytest.raises(tshark.Ended, match=words):
        list(tshark.rows(packets(FRAMES), b"", pretender(tmp_path, body)))


def test_a_reader_that_stops_leaves_no_process(tmp_path: Path) -> None:
    """Whoever reads the rows may leave at any of them."""
    fields = "\\t" * (len(tshark.FIELDS) - 1)
    program = pretender(tmp_path, f"echo $$ >{tmp_path}/pid; printf '1{fields}\\n'; exec sleep 600")
    rows = tshark.rows(packets(FRAMES), b"", program)
    assert next(rows)[0] == b"1"
    rows.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    """They lie in a private folder while tshark runs, and are gone afterwards."""
    program = pretender(
        tmp_path,
        f"for word; do case $word in tls.keylog_file:*) f=${{word#*:}};; esac; done\n"
        f'stat -c "%a $f" "$f" >{tmp_path}/told; cat "$f" >>{tmp_path}/told; cat >/dev/null',
    )
    assert list(tshark.rows(packets(FRAMES), b"CLIENT_RANDOM 00 00\n", program)) == []
    mode, place = (tmp_path / "told").read_text().splitlines()[0].split()
    assert mode == "600" and not Path(place).exists()
    assert "CLIENT_RANDOM 00 00" in (tmp_path / "told").read_text()


def test_waiting_is_not_being_stuck(tmp_path: Path) -> None:
    """One that goes on taking packets may say nothing for longer than the limit."""
    program = pretender(tmp_path, "dd bs=4096 of=/dev/null 2>/dev/null")

    def slowly() -> object:
        for packet in packets(FRAMES) * 4:
            time.sleep(0.1)
            yield packet

    assert list(tshark.rows(slowly(), b"", program, quiet=0.6)) == []  # type: ignore[arg-type]
