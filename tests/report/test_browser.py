"""The report in a real Chromium: figures are drawn, hostile captures stay text, nothing is asked of any server."""

import datetime
import http.server
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from captures import entry, write_har
from hostile import hostile
from promptrail import ingest
from promptrail.case import Case
from promptrail.findings import FINDINGS
from promptrail.report import chromium
from promptrail.report.run import run
from reports import Report
from rigs.needs import missing_rig

pytestmark = pytest.mark.rig
if not chromium.find():
    missing_rig("no Chromium on this machine: apt-get install chromium")


class Listener:
    """A server on loopback that only notes what it is asked for."""

    def __init__(self) -> None:
        asked: list[str] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.asked = asked
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = int(self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.close()


def hostile_report(folder: Path, port: int) -> Path:
    """A case whose hosts, URLs, headers, keys, bodies and probes are all hostile, through import and the runner."""
    entries = []
    for n, text in enumerate(hostile(port)):
        body = json.dumps({text: {text: f"{text} plover kestrel-44{n:02d}"}}, ensure_ascii=False)
        headers = [(text, text), ("Host", text), ("Cookie", f"{text}={text}")]
        entries.append(entry(f"https://{text}/{text}?{text}={text}", body, headers=headers, answer=text))
        entries.append(entry(f"https://h{n}.test/{text}", body, headers=headers))
    name, version, examiner = hostile(port)[:3]
    case = Case.create(folder / "case", app={"name": name, "version": version}, examiner=examiner)
    ingest.place(case, write_har(folder, *entries))
    for n, text in enumerate(hostile(port)):
        case.add_probe("prompt", f"{text} plover kestrel-44{n:02d}".replace("\x00", ""))
        case.add_recipient(
            domain=f"h{n}.test", service_operator=text, address_country=text, source=text, as_of=text
        )
    run(case, pdf=False)
    return case.reports


def dom(page: Path) -> str:
    return chromium.start("--virtual-time-budget=20000", "--dump-dom", page.resolve().as_uri())


def test_the_hostile_texts_are_hostile(listener: Listener, tmp_path: Path) -> None:
    """The same texts in a page without escaping and policy run and load: else the next test would prove nothing."""
    page = tmp_path / "naive.html"
    page.write_text(
        "<!DOCTYPE html><title>naive</title>" + "".join(hostile(listener.port)[:5]), encoding="utf-8"
    )
    made = dom(page)
    assert "data-owned" in made
    assert {"/img", "/script"} <= set(listener.asked)


class Elements(HTMLParser):
    """The names of all elements, and all places that they point at."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.places: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.places += [v or "" for n, v in attrs if n in ("href", "src", "xlink:href", "data")]


def test_a_hostile_capture_stays_text(listener: Listener, tmp_path: Path) -> None:
    """In no page: no attribute set, title unchanged, no request; the text is there to be read, in figures too."""
    folder = hostile_report(tmp_path, listener.port)
    listener.asked.clear()
    pages = sorted(folder.glob("*.html"))
    assert len(pages) == 2 * len(FINDINGS) + 1
    for page in pages:
        made = dom(page)
        assert listener.asked == [], page.name
        assert "data-owned" not in made.split("<head>")[0], page.name
        given, now = (re.search(r"<title>(.*?)</title>", t, re.S) for t in (page.read_text("utf-8"), made))
        assert given and now and now[1] == given[1]
        assert "&lt;script&gt;document" in made
        figures = re.findall(r"<figure.*?</figure>", made, re.S)
        travelled = page.name.startswith(("01", "02"))
        assert figures or not travelled
        drawn = re.sub(r"<script.*?</script>", "", " ".join(figures), flags=re.S)
        seen = Elements()
        seen.feed(drawn)
        assert not seen.tags & {"a", "image", "img", "iframe", "foreignobject"}, page.name
        assert [p for p in seen.places if not p.startswith("#")] == []
        assert not figures or "svg" in seen.tags
        assert not travelled or "&lt;a href" in drawn


@pytest.mark.parametrize("name", sorted(set(FINDINGS) - {"00-start-here", "09-unseen", "10-opaque-channels"}))
def test_figures_are_drawn_live_over_their_stills(sample: Report, name: str) -> None:
    """The packed library inflates under the policy, and each figure holds a drawn picture besides its still one."""
    case, results = sample
    made = dom(case.reports / f"{name}.html")
    assert re.search(r'<html[^>]* data-drawn="yes"', made)
    figures = re.findall(r'<figure data-figure="fig-\d+".*?</figure>', made, re.S)
    assert figures
    for figure in figures:
        still, live = figure.split('<div class="plot', 1)
        assert "<svg" in still and 'class="main-svg"' in live
    assert all(r.stills for r in results)


def test_an_altered_library_does_not_run(sample: Report, tmp_path: Path) -> None:
    """One byte changed in the packed library: the policy refuses it, and the page keeps its still pictures."""
    case = sample.case
    text = (case.reports / "01-prompt-to-host.html").read_text(encoding="utf-8")
    script = re.search(r"'sha256-([^']+)'", text.replace("&#39;", "'"))
    assert script
    page = tmp_path / "altered.html"
    page.write_text(text.replace(script[1], "A" * 43 + "="), encoding="utf-8")
    made = dom(page)
    assert "data-drawn" not in made.split("<head>")[0]
    assert re.search(r'<div class="still"[^>]*><svg', made)


def test_the_printed_picture_is_not_cut(sample: Report, tmp_path: Path) -> None:
    """Recipients stand at the right edge of the flow picture: their ink is on the first page, and none in its margin.

    Text search would find labels that were cut off, so this looks at the pixels.
    """
    if not shutil.which("pdftoppm"):
        missing_rig("pdftoppm is not installed: apt-get install poppler-utils")
    results = sample.results
    pdf = next(r.pdf for r in results if r.notebook == "01-prompt-to-host")
    assert pdf is not None
    subprocess.run(
        ["pdftoppm", "-r", "50", "-f", "1", "-l", "1", str(pdf), str(tmp_path / "p")], check=True, timeout=60
    )
    data = next(tmp_path.glob("p*.ppm")).read_bytes()
    _, size, _, pixels = data.split(b"\n", 3)
    width, height = map(int, size.split())
    columns = [
        {bytes(pixels[(y * width + x) * 3 : (y * width + x) * 3 + 3]) for y in range(height)}
        for x in range(width)
    ]

    def orange(colour: bytes) -> bool:
        return abs(colour[0] - 0xC8) < 24 and abs(colour[1] - 0x56) < 24 and abs(colour[2] - 0x0C) < 40

    inked = [x for x, found in enumerate(columns) if any(orange(c) for c in found)]
    assert inked and max(inked) > 0.88 * width
    assert all(found == {b"\xff\xff\xff"} for found in columns[int(0.95 * width) :])


def test_the_report_says_when_it_was_recorded(sample: Report) -> None:
    """The head of a page carries the day of the recording, which is in the capture and not the day of the report."""
    case = sample.case
    text = (case.reports / "00-start-here.html").read_text(encoding="utf-8")
    started = datetime.datetime.fromtimestamp(case.runs["started"].min(), datetime.UTC)
    assert f"recorded {started:%Y-%m-%d}</p>" in text
