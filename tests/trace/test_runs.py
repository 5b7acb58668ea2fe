"""Runs of base64, base32 and hex in a text: each once, whatever stands around it."""

import base64
import hashlib
import json

import pytest

from promptrail.trace.runs import decoded, digests_of, readable, runs_of

TEXT = b"the words of a prompt that somebody typed, 39.4"
RUN = base64.b64encode(TEXT).rstrip(b"=")
URL = base64.urlsafe_b64encode(bytes(range(200, 256)) + TEXT).rstrip(b"=")
ID = b"4be0643f1d98573b97cdca98a65347dd"


@pytest.mark.parametrize("before", [b"", b'{"a": "', b"/upload/", b"x="])
@pytest.mark.parametrize("after", [b"", b'"}', b"==", b" and more"])
def test_a_run_is_found_wherever_it_stands(before: bytes, after: bytes) -> None:
    """At either end of the text and between any bytes; a path before it is glued to it."""
    runs = list(runs_of(before + RUN + after))
    assert any(run.endswith(RUN) for run in runs)
    assert any(TEXT in value for run in runs for value in decoded(run))


def test_dashes_belong_to_a_run_and_make_none() -> None:
    """base64url keeps its dashes; a UUID or a dashed word is no run."""
    assert b"-" in URL
    assert list(runs_of(b'"' + URL + b'"')) == [URL]
    assert list(runs_of(b"0f6e0a5e-2a36-4d5e-8b40-5f0c8f9dd0c1 x-request-identifier-of-a-kind")) == []


def test_an_id_in_every_event_hides_nothing() -> None:
    """What comes again and again is taken out, and every other run is still told, each once, in order."""
    others = [base64.b64encode(b"%05d" % n + TEXT).rstrip(b"=") for n in range(40)]
    events = [{"id": ID.decode(), "n": n, "d": run.decode()} for n, run in enumerate(others)]
    runs = list(runs_of("\n".join(json.dumps(e) for e in events).encode()))
    assert runs == [ID, *others]


def test_an_id_glued_to_others_is_not_cut_out_of_them() -> None:
    """A repeated run that also begins a longer one leaves the longer one whole."""
    longer = [ID + b"%04d" % n for n in range(30)]
    rows = b"\n".join(b'"%s" "%s"' % (ID, run) for run in longer)
    assert list(runs_of(rows)) == [ID, *longer]


def test_wrapped_lines_are_joined() -> None:
    """Base64 in lines of 76 (RFC 2045) is one run beside its lines."""
    data = bytes(range(256)) + TEXT
    runs = list(runs_of(base64.encodebytes(data)))
    assert any(data in value for run in runs for value in decoded(run))


def test_hex_is_hex() -> None:
    """An even run of hexadecimal digits is decoded as hex alone."""
    assert decoded(TEXT.hex().encode()) == [TEXT]


@pytest.mark.parametrize("glue", [b"chatcmpl-", b"/api/v1/", b"req_"])
def test_hex_behind_a_word_is_hex(glue: bytes) -> None:
    """An id with its kind before it, or in a path, is decoded by itself; what stands about it is not lost."""
    assert decoded(glue + TEXT.hex().encode()) == [TEXT]
    assert TEXT in decoded(b"/" + ID + b"/" + TEXT.hex().encode())
    assert any(TEXT in value for value in decoded(b"/" + ID + b"/" + RUN))


def test_runs_of_the_size_of_a_digest() -> None:
    """Those that are hex are told with their bytes, whatever others are as long."""
    assert digests_of([ID, TEXT.hex().encode()]) == ([ID], bytes.fromhex(ID.decode()))
    assert digests_of([ID, b"z" * 32]) == ([ID], bytes.fromhex(ID.decode()))


def test_a_text_as_long_as_a_digest_is_noticed_among_digests() -> None:
    """However many they are, and wherever it stands."""
    digests = [hashlib.md5(bytes([n])).digest() for n in range(40)]
    assert not readable(b"".join(digests))
    for place in (0, 17, 40):
        assert readable(b"".join([*digests[:place], b"open the gate 42", *digests[place:]]))
