"""Printing by a real Chromium: how often it is started, what a bad page costs the others, what stays behind."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from promptrail.errors import MissingTool
from promptrail.report import chromium, printing, publish
from promptrail.report.printing import print_pages
from rigs.needs import missing_rig

pytestmark = pytest.mark.rig
if not (REAL := chromium.find()):
    missing_rig("no Chromium on this machine: apt-get install chromium")
if not (Path("/proc").is_dir() and sys.platform == "linux"):
    missing_rig("processes are counted in /proc")

Jobs = list[tuple[Path, Path]]


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Temporary files of a test lie in a folder of its own; nothing may be left in it, and no process may know it."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    end = time.monotonic() + 10
    while (left := processes(folder)) and time.monotonic() < end:
        time.sleep(0.1)
    assert left == []
    assert list(folder.iterdir()) == []


@pytest.fixture
def starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log to which Chromium, as it is found, adds a line with its arguments each time that it is started."""
    log, program = tmp_path / "starts", tmp_path / "noting"
    program.write_text(f'#!/bin/sh\necho "$*" >>"{log}"\nexec "{REAL}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv(chromium.VARIABLE, str(program))
    return log


@pytest.fixture
def never() -> Iterator[int]:
    """A port on loopback that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def processes(folder: Path) -> list[str]:
    """Command lines of this machine that name a folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            said = place.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if str(folder) in said:
            found.append(said)
    return found


def jobs(folder: Path, *bodies: str) -> Jobs:
    """A page for each body, and where its PDF goes."""
    made = []
    for n, body in enumerate(bodies):
        page = folder / f"page-{n}.html"
        page.write_text(f"<!DOCTYPE html><meta charset=utf-8><title>{n}</title>{body}", encoding="utf-8")
        made.append((page, folder / f"page-{n}.pdf"))
    return made


def words(pdf: Path) -> str:
    said = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, check=True, timeout=60)
    return said.stdout.decode().split("\f")[0].strip()


def test_one_start_prints_all_pages(tmp_path: Path, starts: Path) -> None:
    """Each PDF holds the words of its own page, and Chromium was started once."""
    given = jobs(tmp_path, *(f"<p>leaf {n}</p>" for n in range(4)))
    assert print_pages(given) == {}
    assert [words(pdf) for _, pdf in given] == ["leaf 0", "leaf 1", "leaf 2", "leaf 3"]
    assert len(starts.read_text().splitlines()) == 1
    assert sorted(p.name for p in tmp_path.glob("*.pdf*")) == [pdf.name for _, pdf in given]


def test_it_prints_as_a_start_of_its_own_does(tmp_path: Path) -> None:
    """The same pages pixel by pixel, and facts of the file: size of the sheet, backgrounds, tags, no head or foot."""
    style = "<style>@page{size:A5 landscape;margin:9mm} p{background:#c8560c}</style>"
    ((page, driven),) = jobs(tmp_path, style + "<h1>One</h1><p>leaf</p>" * 30)
    alone = tmp_path / "alone.pdf"
    assert print_pages([(page, driven)]) == {}
    printing.print_alone(page, alone, 60)
    seen = []
    for pdf in (driven, alone):
        facts = subprocess.run(
            ["pdfinfo", str(pdf)], capture_output=True, check=True, timeout=60
        ).stdout.decode()
        shown = subprocess.run(
            ["pdftoppm", "-r", "40", str(pdf)], capture_output=True, check=True, timeout=60
        ).stdout
        seen.append(([line for line in facts.splitlines() if "Date:" not in line], shown))
    assert seen[0] == seen[1]
    assert "Tagged:          yes" in seen[0][0]


def test_a_pdf_larger_than_one_message_comes_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read piece by piece: many small pieces give what a start of its own wrote, to the last byte but the dates."""
    monkeypatch.setattr(printing, "CHUNK", 1000)
    ((page, out),) = jobs(tmp_path, "".join(f"<p>leaf {n} 한국어</p>" for n in range(400)))
    assert print_pages([(page, out)]) == {}
    printing.print_alone(page, tmp_path / "alone.pdf", 60)
    assert out.stat().st_size == (tmp_path / "alone.pdf").stat().st_size > 20_000


def test_a_page_that_hangs_is_given_up_and_the_others_are_printed(
    tmp_path: Path, starts: Path, never: int
) -> None:
    """It ends within its time, the sentence names it, and the pages after it come from a second start."""
    hanging = f"<img src='http://127.0.0.1:{never}/'>"
    given = jobs(tmp_path, "<p>before</p>", hanging, "<p>after</p>")
    began = time.monotonic()
    faults = print_pages(given, timeout=8)
    assert time.monotonic() - began < 40
    assert list(faults) == [given[1][1]]
    assert faults[given[1][1]].startswith(f"{given[1][1]}: not printed: ")
    assert "not done after 8 s and ended" in faults[given[1][1]]
    assert (words(given[0][1]), words(given[2][1])) == ("before", "after")
    assert not given[1][1].exists()
    assert len(starts.read_text().splitlines()) == 2


def test_a_machine_on_which_nothing_is_done_in_time_is_not_waited_for(tmp_path: Path, never: int) -> None:
    """After two pages that took too long the others are not tried; each has its sentence."""
    given = jobs(tmp_path, *[f"<img src='http://127.0.0.1:{never}/'>"] * 4)
    began = time.monotonic()
    faults = print_pages(given, timeout=3)
    assert time.monotonic() - began < 25
    assert list(faults) == [pdf for _, pdf in given]
    assert [
        "not tried" in said or "as 2 pages before it could not be" in said for said in faults.values()
    ] == [
        False,
        False,
        True,
        True,
    ]


def test_a_page_that_is_not_there_has_its_sentence(tmp_path: Path) -> None:
    """Chromium would print its own page about it."""
    given = jobs(tmp_path, "<p>gone</p>", "<p>here</p>")
    given[0][0].unlink()
    (said,) = print_pages(given).values()
    assert said.startswith(
        f"{given[0][1]}: not printed: Chromium did not open the page: net::ERR_FILE_NOT_FOUND"
    )
    assert words(given[1][1]) == "here"


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    """The PDF's own folder is a file: one sentence, and nothing half written."""
    ((page, _),) = jobs(tmp_path, "<p>leaf</p>")
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "page.pdf"
    assert print_pages([(page, out)]) == {
        out: f"{out}: not printed: cannot be written: Not a directory. Make room and run again."
    }


def test_a_browser_that_cannot_be_driven_prints_each_page_by_itself(
    tmp_path: Path, starts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that goes away when it is asked for its pipe, as where a policy forbids that: the pages are printed."""
    program = tmp_path / "undrivable"
    refuse = 'case "$*" in *--remote-debugging-pipe*) exit 21;; esac'
    program.write_text(f'#!/bin/sh\n{refuse}\nexec "{os.environ[chromium.VARIABLE]}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv(chromium.VARIABLE, str(program))
    given = jobs(tmp_path, "<p>one</p>", "<p>two</p>")
    assert print_pages(given) == {}
    assert [words(pdf) for _, pdf in given] == ["one", "two"]
    noted = starts.read_text().splitlines()
    assert len(noted) == 2 and all("--print-to-pdf=" in line for line in noted)


def test_a_browser_that_goes_away_half_way_costs_no_page(
    tmp_path: Path, starts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after its first page: the others are printed without it."""
    given = jobs(tmp_path, "<p>one</p>", "<p>two</p>", "<p>three</p>")
    once = printing.Browser.print_pdf

    def printed(self: printing.Browser, page: Path, out: Path) -> None:
        once(self, page, out)
        self.tell("Browser.crash")

    monkeypatch.setattr(printing.Browser, "print_pdf", printed)
    assert print_pages(given) == {}
    assert [words(pdf) for _, pdf in given] == ["one", "two", "three"]
    assert len(starts.read_text().splitlines()) == 3


def test_a_page_that_crashes_is_told_and_the_others_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, never: int
) -> None:
    """While it loads: at once, and not after the time that a page has."""
    given = jobs(tmp_path, f"<img src='http://127.0.0.1:{never}/'>", "<p>two</p>")
    once = printing.Browser._ask

    def asked(self: printing.Browser, method: str, **params: Any) -> printing.Message:
        answer = once(self, method, **params)
        if params.get("url") == given[0][0].as_uri():
            self.tell("Page.crash")
        return answer

    monkeypatch.setattr(printing.Browser, "_ask", asked)
    began = time.monotonic()
    assert print_pages(given, 60) == {
        given[0][1]: f"{given[0][1]}: not printed: the page crashed in Chromium."
    }
    assert time.monotonic() - began < 30
    assert words(given[1][1]) == "two"


def test_without_a_program_it_is_said_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None to be found, and one named that is not there: what to install, instead of a page's fault."""
    given = jobs(tmp_path, "<p>one</p>")
    monkeypatch.setenv(chromium.VARIABLE, "")
    with pytest.raises(MissingTool, match="no Chromium on this machine"):
        print_pages(given)
    monkeypatch.setenv(chromium.VARIABLE, str(tmp_path / "none"))
    with pytest.raises(MissingTool, match="cannot be started: No such file"):
        print_pages(given)


def test_nothing_is_started_for_no_pages(starts: Path) -> None:
    """A run without PDF."""
    assert publish._print([]) == {}
    assert not starts.exists()
