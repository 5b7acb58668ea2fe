"""Files that requests named: each way to write a name, what is no file, and messages that break off or lie."""

import gzip
import time
from pathlib import Path

import pytest

from factories import BEGAN, Rows
from promptrail.findings.prompt.attachments import HEAD, Attached, attached, disposition
from promptrail.model import Message

HOST = "chat.parley.test"
FORM = "multipart/form-data; boundary=AbC"


def part(disposition: str | bytes, content: bytes = b"1234", media: bytes = b"image/png") -> bytes:
    raw = disposition.encode() if isinstance(disposition, str) else disposition
    return b"--AbC\r\nContent-Disposition: %s\r\nContent-Type: %s\r\n\r\n%s\r\n" % (raw, media, content)


def sent(rows: Rows, body: bytes, media: str = FORM, run: str = "r1", **more: object) -> None:
    """A request with this body and media type."""
    flow = rows.flow(run, HOST, body)
    rows.rows["messages"].pop()
    digest = rows.body(body)
    values = {"media": media, "at": BEGAN} | more
    rows.rows["messages"].append(Message(flow.flow, run, 0, "request", "body", digest, len(body), **values))


def found(folder: Path, body: bytes, media: str = FORM, **more: object) -> Attached:
    rows = Rows()
    rows.run("r1")
    sent(rows, body, media, **more)
    return attached(rows.write(folder / "case"), ["r1"])


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ('form-data; name="f"; filename="a b.txt"', ["a b.txt"]),
        ("form-data; name=f; filename=a.txt; size=3", ["a.txt"]),
        ('attachment; FileName = "a.txt"', ["a.txt"]),
        ('filename="a.txt"', ["a.txt"]),
        (r'form-data; filename="say \"hi\" \\ C:\dir\x"', [r'say "hi" \ C:\dir\x']),
        ("attachment; filename=x.txt; filename*=UTF-8''%e2%82%ac.txt", ["€.txt", "x.txt"]),
        ("attachment; filename*=iso-8859-1'en'%A3.txt", ["£.txt"]),
        (
            "attachment; filename*0*=utf-8'ko'%ED%9A%8C; filename*1=\"의-1\"; filename*2*=%2Etxt",
            ["회의-1.txt"],
        ),
        ("attachment; filename*=zlib''%78%9c", ["x\ufffd"]),
        ("attachment; filename*=no-such-charset''a%20b", ["a b"]),
        ("attachment; filename*=%41", ["A"]),
        ('form-data; name="f; filename=no.txt"', []),
        ('form-data; other="; filename=no.txt"; name=f', []),
        ("form-data; name=f", []),
        ('form-data; filename="open', ["open"]),
        (b'form-data; filename="\xff\xfe.txt"', ["\ufffd\ufffd.txt"]),
        (b'\x00;;;==;"', []),
    ],
)
def test_each_way_to_write_a_name(value: str | bytes, names: list[str]) -> None:
    """Quoted, bare, extended (RFC 8187), in pieces (RFC 2231), in a charset of text or in none that is one."""
    raw = value.encode() if isinstance(value, str) else value
    assert list(disposition(raw).files) == names


def test_a_row_has_what_the_message_said(tmp_path: Path) -> None:
    """Field, name, type without its parameters, and the size of the content alone; a field without a file is none."""
    fields = part('form-data; name="purpose"', b"chat")
    made = found(tmp_path, fields + part('form-data; name="up"; filename="a.png"') + b"--AbC--\r\n")
    (one,) = made.files
    assert (one.host, one.field, one.files, one.media, one.size) == (HOST, "up", ("a.png",), "image/png", 4)
    assert one.whole and not made.unread


def test_an_empty_file_is_one_and_an_empty_field_for_a_file_is_none(tmp_path: Path) -> None:
    """A browser sends a field for which nothing was chosen with an empty name and no content (WHATWG HTML)."""
    body = part('form-data; name="a"; filename="empty.txt"', b"") + part(
        'form-data; name="b"; filename=""', b""
    )
    body += part('form-data; name="c"; filename=""', b"123") + b"--AbC--"
    assert [(f.field, f.files, f.size) for f in found(tmp_path, body).files] == [
        ("a", ("empty.txt",), 0),
        ("c", ("",), 3),
    ]


def test_what_only_looks_like_a_boundary_stays_content(tmp_path: Path) -> None:
    """A boundary begins a line and ends it; a head that stands in a file names none."""
    inside = b"x --AbC\r\nContent-Disposition: form-data; filename=no.txt\r\n\r\n--AbCd\r\n--AbC-\r\ny"
    made = found(tmp_path, part('form-data; name="f"; filename="a.txt"', inside) + b"--AbC--\r\n")
    assert [(f.files, f.size) for f in made.files] == [(("a.txt",), len(inside))]


def test_parts_in_parts_are_found(tmp_path: Path) -> None:
    """Several files of one field may stand in a multipart/mixed of their own (RFC 2388)."""
    inner = (
        b'--In\r\nContent-Disposition: file; filename="a.txt"\r\n\r\n12\r\n'
        b'--In\r\nContent-Disposition: file; filename="b.txt"\r\n\r\n345\r\n--In--'
    )
    outer = part('form-data; name="f"', inner, b"multipart/mixed; boundary=In")
    made = found(tmp_path, outer + b"--AbC--\r\n")
    assert [(f.files, f.size) for f in made.files] == [(("a.txt",), 2), (("b.txt",), 3)]


@pytest.mark.parametrize(
    ("change", "files", "unread"),
    [
        (lambda body: (body, {}), [(4, True)], 0),
        (lambda body: (gzip.compress(body), {"coding": "gzip"}), [(4, True)], 0),
        (lambda body: (body[:-11], {}), [(4, False)], 1),
        (lambda body: (body, {"complete": False}), [(4, True)], 1),
        (lambda body: (body[:-20], {}), [(None, False)], 1),
        (lambda body: (gzip.compress(body)[:-30], {"coding": "gzip"}), None, 1),
        (lambda body: (gzip.compress(body)[:-8], {"coding": "gzip"}), [(4, True)], 1),
        (lambda body: (b"\x00\x01", {"coding": "gzip"}), [], 1),
        (lambda body: (body, {"media": "multipart/form-data"}), [], 1),
        (lambda body: (b"nothing of that kind", {}), [], 1),
        (lambda body: (b"", {}), [], 1),
    ],
    ids=[
        "whole",
        "packed",
        "cut",
        "broken-off",
        "cut-in-head",
        "packed-cut",
        "packed-no-end",
        "noise",
        "unnamed",
        "other",
        "empty",
    ],
)
def test_what_could_not_be_taken_apart_is_counted(
    tmp_path: Path, change: object, files: list[tuple[int | None, bool]] | None, unread: int
) -> None:
    """And what came out before the end is told, with its size as a lower bound."""
    body, more = change(part('form-data; name="f"; filename="a"') + b"--AbC--\r\n")  # type: ignore[operator]
    made = found(tmp_path, body, **({"media": FORM} | more))
    assert made.unread == unread
    assert files is None or [(f.size, f.whole) for f in made.files] == files


def test_a_body_that_is_missing_is_counted(tmp_path: Path) -> None:
    """The capture says multipart and does not hold it."""
    rows = Rows()
    rows.run("r1")
    flow = rows.flow("r1", HOST)
    rows.rows["messages"] = [Message(flow.flow, "r1", 0, "request", "body", None, None, media=FORM)]
    assert attached(rows.write(tmp_path / "case"), ["r1"]) == Attached([], 1)


def test_a_request_can_be_one_file(tmp_path: Path) -> None:
    """By its header Content-Disposition, whatever its case; without a file name it is no file."""
    rows = Rows()
    rows.run("r1")
    for value in (b'attachment; filename="a.pdf"', b"inline"):
        header = [(b"content-DISPOSITION", value), (b"Content-Type", b"application/pdf; x=1")]
        rows.flow("r1", HOST, b"12345", request_headers=header)
    made = attached(rows.write(tmp_path / "case"), ["r1"])
    assert [(f.files, f.field, f.media, f.size) for f in made.files] == [
        (("a.pdf",), "", "application/pdf", 5)
    ]


def test_only_requests_of_these_runs_are_read(tmp_path: Path) -> None:
    """An answer may be multipart, too, and another run may have sent one."""
    body = part('form-data; name="f"; filename="a"') + b"--AbC--\r\n"
    rows = Rows()
    for run in ("r1", "r2"):
        rows.run(run)
        sent(rows, body, run=run)
    flow = rows.rows["flows"][0]
    answer = Message(flow.flow, "r1", 1, "response", "body", rows.body(body), len(body), media=FORM)
    rows.rows["messages"].append(answer)
    case = rows.write(tmp_path / "case")
    assert [f.run for f in attached(case, ["r2"]).files] == ["r2"]
    assert len(attached(case, ["r1", "r2"]).files) == 2
    assert attached(case, []) == Attached([], 0)


def test_hostile_heads_cost_little(tmp_path: Path) -> None:
    """Heads without end, thousands of parameters and of parts: read up to their limits, and in a moment."""
    began = time.perf_counter()
    long = part('form-data; name="f"; filename="' + "x" * 10_000 + '"')
    many = part("form-data" + '; a="\\' * 100_000 + "; filename=no.txt")
    endless = b"--AbC\r\n" + b"Content-Disposition: form-data; filename=" + b"y" * (4 * HEAD)
    made = found(tmp_path, long + many + part('form-data; filename="z"') * 20_000 + endless)
    assert len(made.files[0].files[0]) == 10_000
    assert len(made.files) < 10_001 and made.unread == 1
    assert time.perf_counter() - began < 5
