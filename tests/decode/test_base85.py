"""Base85 in three alphabets as whole values: what other implementations write is read, and nothing else is."""

import base64
import gzip
import json
import random
import zlib
from collections.abc import Callable

import pytest
from zmq.utils import z85

from decode.unwrapping import ASCII, KOREAN, TEXTS, below, found
from promptrail.decode.base85 import believed, decoded
from promptrail.decode.layer import Layer


def framed(data: bytes) -> bytes:
    """Z85 as ZeroMQ's own reader and writer do it, filled up with zeros to a multiple of four."""
    return z85.encode(data + bytes(-len(data) % 4))


CODES: dict[str, Callable[[bytes], bytes]] = {
    "RFC 1924": base64.b85encode,
    "Ascii85": base64.a85encode,
    "Ascii85 in lines": lambda data: base64.a85encode(data, wrapcol=40),
    "Ascii85, its end alone marked": lambda data: base64.a85encode(data) + b"~>\n",
    "Z85": framed,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("write", CODES.values(), ids=CODES)
def test_a_whole_value_is_read(write: Callable[[bytes], bytes], text: str) -> None:
    """As a body and as a JSON value, in each alphabet, with and without compression under it."""
    filled = text + "\0" * (-len(text.encode()) % 4) if write is framed else text
    code = write(text.encode())
    assert found(filled, code) == [(("base85",), "")]
    assert found(filled, json.dumps({"q": code.decode()}).encode()) == [(("json", "base85"), "/q")]
    assert (("base85", "gzip"), "") in found(text, write(gzip.compress(text.encode())))
    assert (("base85", "zlib"), "") in found(text, write(zlib.compress(text.encode())))


def test_the_standards_own_examples() -> None:
    """ZeroMQ's RFC 32, the frame and the key of its reference code; Adobe's `Man `, and z for four zeros."""
    assert decoded(b"HelloWorld", "z85") == bytes.fromhex("864fd26fb559f75b")
    key = "8e0bdd697628b91d8f245587ee95c5b04d48963f79259877b49cd9063aead3b7"
    assert decoded(b"JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6", "z85") == bytes.fromhex(key)
    assert decoded(b"9jqo^z", "ascii85") == b"Man \0\0\0\0"


def test_a_long_value_is_read_to_its_end() -> None:
    """Also where the first forty characters end inside a Korean letter."""
    for cut in range(4):
        data = (KOREAN * 50).encode()[: 4000 - cut].decode("utf-8", "ignore").encode()
        assert believed(base64.a85encode(b"." * cut + data)) == b"." * cut + data


NOT_CODES = [
    "https://a.test/v1/events?session=81f2&kind=open&n=12",
    "com.example.parley.feature.chat:composer/open#draft",
    "Mozilla/5.0(Linux;Android14)AppleWebKit/537.36(KHTML,like)",
    "function(a,b){return(a+b)*(c-d)/e;}window.open('x')",
    "min-jun+news@example.test,plover@example.test",
    "static_cast<int64_t>(PySequence_Size(obj)))",
    "reinterpret_cast<PyFrameObject311*>(frameParam);",
    "SELECT*FROM(t1)WHERE(a>1&&b<2)ORDER/BY:c",
    "2026-11-21T10:00:00.000Z/PT1H30M;tz=Asia/Seoul!",
    "{{user.name}}@@[[chat.title]]##{{date}}%%",
    "/data/user/0/com.example.parley/files/chat.db-wal",
    "!important;color:#ff00ff;margin:0(auto)",
    base64.a85encode(KOREAN.encode()).decode()[:40] + " " + "x" * 20,
    framed(KOREAN.encode()).decode()[:-1],
    framed(KOREAN.encode()).decode()[2:] + "ab",
]


@pytest.mark.parametrize("value", NOT_CODES)
def test_an_address_or_program_text_is_none(value: str) -> None:
    """Their characters are those of the alphabets; what comes out of them is noise."""
    assert "base85" not in {step for layer in below(Layer(value.encode())) for step in layer.chain}


def test_random_values_of_the_alphabets_are_none() -> None:
    """Ten thousand addresses of made-up words: none is believed."""
    chance = random.Random(32)
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789.-/:=&?()[]{}!#+*"
    for _ in range(10_000):
        value = "https://" + "".join(chance.choice(letters) for _ in range(chance.randrange(12, 60)))
        assert believed(value.encode()) is None, value


def test_offsets_between_marks_lead_back() -> None:
    """Marked Ascii85 inside a text is exact about where it stood, marks included."""
    code = base64.a85encode(ASCII.encode(), adobe=True)
    (layer,) = [x for x in below(Layer(b"see " + code + b" there")) if x.data == ASCII.encode()]
    assert (layer.start, layer.length, layer.exact) == (4, len(code), False)
