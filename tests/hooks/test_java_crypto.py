"""What a real JVM encrypts, hashes and signs, told by the agent: the same values as the app itself prints."""

import base64
from collections.abc import Iterator
from typing import Any

import frida
import pytest

from rigs.java import compiled
from rigs.java.jvm import Hooked, Jvm

pytestmark = pytest.mark.rig

PROMPT = '{"prompt":"안녕하세요, my order 20260111 is late","model":"parley-2"}'
CIPHERS = {"gcm": "AES/GCM/NoPadding", "cbc": "AES/CBC/PKCS5Padding"}
WAYS = ["", "-parts", "-array", "-place", "-buffer"]


@pytest.fixture(scope="module")
def app() -> Iterator[Jvm]:
    with Jvm(str(compiled.classes()), "CryptoApp") as running:
        yield running


def said(answer: str) -> dict[str, str]:
    """The app's own words: name=value, values in base64."""
    return dict(word.split("=", 1) for word in answer.split())


def told(hooked: Hooked, mode: str) -> dict[str, Any]:
    """The one operation of this mode that the agent told."""
    (record,) = [record for record in hooked.records("crypto") if record["mode"] == mode]
    return record


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("cipher", CIPHERS)
def test_a_body_that_is_encrypted(app: Jvm, cipher: str, way: str) -> None:
    """Key, IV, AAD, plaintext and ciphertext of one encryption: in parts, into arrays, in place, through buffers."""
    with Hooked(app, "java-crypto") as hooked:
        own = said(app.ask(f"{cipher}{way} {PROMPT}"))
        record = told(hooked, "encrypt")
    assert {name: record.get(name) for name in own} == own
    assert record["algorithm"] == CIPHERS[cipher] and ("aad" in own) == ("aad" in record)
    assert record["frames"][-1].startswith("CryptoApp.main(") and record["class"] == "CryptoApp"


@pytest.mark.parametrize("cipher", CIPHERS)
def test_an_answer_that_is_decrypted(app: Jvm, cipher: str) -> None:
    """The same object's decryption: what went in is the ciphertext, what came out the text."""
    with Hooked(app, "java-crypto") as hooked:
        own = said(app.ask(f"{cipher}-back {PROMPT}"))
        record = told(hooked, "decrypt")
    assert {name: record.get(name) for name in own} == own


@pytest.mark.parametrize(("what", "algorithm"), [("mac", "HmacSHA256"), ("digest", "SHA-256")])
def test_what_is_authenticated_or_hashed(app: Jvm, what: str, algorithm: str) -> None:
    """A MAC's key, a digest's parts joined: one record each, however many calls brought the bytes."""
    with Hooked(app, "java-crypto") as hooked:
        own = said(app.ask(f"{what} {PROMPT}"))
        record = told(hooked, what)
    assert {name: record.get(name) for name in own} == own
    assert record["algorithm"] == algorithm


def test_what_is_signed(app: Jvm) -> None:
    """Signing and checking are told with the text and the signature; the private key never is, nor the hash inside."""
    with Hooked(app, "java-crypto") as hooked:
        own = said(app.ask(f"sign {PROMPT}"))
        signed, checked = told(hooked, "sign"), told(hooked, "verify")
        modes = {record["mode"] for record in hooked.records("crypto")}
    assert own.pop("verified") == "true" and checked["verified"] is True
    assert {name: checked.get(name) for name in own} == own
    assert "key" not in signed and {name: signed[name] for name in ("input", "output")} == {
        name: own[name] for name in ("input", "output")
    }
    assert modes == {"sign", "verify"}


def test_a_long_input_is_cut_and_its_length_told(app: Jvm) -> None:
    """Of megabytes the first quarter of one is told, and how many there were; the app is not held up by the rest."""
    text = PROMPT * 6000
    with Hooked(app, "java-crypto") as hooked:
        own = said(app.ask(f"digest {text}"))
        record = told(hooked, "digest")
    assert record["input_length"] == len(text.encode()) and record["output"] == own["output"]
    assert base64.b64decode(record["input"]) == text.encode()[: 1 << 18]


def test_only_what_was_asked_for(app: Jvm) -> None:
    """With one class named, the others are not hooked and not told."""
    with Hooked(app, "java-crypto", classes=["javax.crypto.Mac"]) as hooked:
        app.ask(f"digest {PROMPT}")
        app.ask(f"mac {PROMPT}")
        assert [record["mode"] for record in hooked.records("crypto")] == ["mac"]
    assert [one["module"] for one in hooked.result["found"]] == ["javax.crypto.Mac"]


def test_after_dispose_nothing_is_told(app: Jvm) -> None:
    """The app goes on with the same results, and no record follows the end."""
    with Hooked(app, "java-crypto") as hooked:
        first = app.ask(f"cbc {PROMPT}")
    count = len(hooked.messages)
    assert app.ask(f"cbc {PROMPT}") == first and len(hooked.messages) == count
    assert hooked.ended["faults"] == 0


def test_a_class_that_is_not_there(app: Jvm) -> None:
    """Nothing to hook is said, not passed over in silence."""
    with (
        pytest.raises(frida.RPCException, match=r"none of app\.Own"),
        Hooked(app, "java-crypto", classes=["app.Own"]),
    ):
        pass
