"""Android's classes that no JVM has, as doubles of their names and signatures: the agents find and read them.

It shows that an agent's own code runs on such signatures. It does not show that Android's own classes have them.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rigs.java import compiled
from rigs.java.chains import Signer
from rigs.java.jvm import Hooked, Jvm

pytestmark = pytest.mark.rig

HOST = "chat.parley.test"
CHECKS = ["okhttp2", "conscrypt", "pins", "web-view"]
ABOUT_A_HOST = ["web-view"]


@pytest.fixture(scope="module")
def app() -> Iterator[Jvm]:
    with Jvm(compiled.doubles(), "DeviceApp") as running:
        yield running


def test_what_an_app_reads_of_the_device(app: Jvm) -> None:
    """Name, value and reader of each read, once each; fields are told to be out of reach."""
    before = app.ask("read")
    with Hooked(app, "identifiers") as hooked:
        assert app.ask("read") == before
        told = hooked.records("identifier")
    assert [(r["name"], r["value"]) for r in told] == [
        ("android_id", "9774d56d682e549c"),
        ("adb_enabled", "0"),
        ("advertising id", "38400000-8cf0-11bd-b23e-10b96e40000d"),
        ("serial", "R58M12ABCDE"),
        ("imei", "490154203237518"),
        ("sensor", "accelerometer"),
        ("clipboard", "copied words"),
    ]
    assert {r["class"] for r in told} == {"DeviceApp"} and told[0]["frames"][1].startswith("DeviceApp.read(")
    assert any("android.os.Build" in line for line in hooked.result["missing"])
    assert app.ask("read") == before and hooked.ended["faults"] == 0


def test_what_an_app_reads_of_a_jvm(app: Jvm) -> None:
    """Hardware addresses, which a JVM has as well: bytes are told in hex, null as null."""
    with Hooked(app, "identifiers") as hooked:
        own = app.ask("hardware").split()
        told = [r["value"] for r in hooked.records("identifier") if r["name"] == "hardware address"]
    assert own and [str(value or "null") for value in told] == own


def test_what_is_no_chain_is_left_to_the_check(app: Jvm) -> None:
    """Null, nothing, strings and null inside a list: the check itself answers, as before, and no fault of ours."""
    with Hooked(app, "java-unpin", ca=Signer("ours").pem.decode()) as hooked:
        assert app.ask("junk") == " ".join(["refused"] * 4)
    assert hooked.ended["faults"] == 0 and hooked.ended["relaxed"] == 0


def test_what_an_app_asks_and_is_answered(app: Jvm) -> None:
    """The dialog with its text, the box, the click, the end of the dialog, in the order in which they happened."""
    with Hooked(app, "consent") as hooked:
        assert app.ask("consent") == "true"
        told = [(r["event"], r["label"]) for r in hooked.records("event")]
    assert told == [
        ("dialog shown", "Privacy: May we send what you type?"),
        ("checked", "Personalised answers"),
        ("click", "Agree"),
        ("dialog closed", "Privacy: May we send what you type?"),
    ]
    assert app.ask("consent") == "true" and hooked.ended["events"] == 4


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_says_yes_to_one_authority_alone(tmp_path: Path, app: Jvm, check: str) -> None:
    """Refused before and after; with the hook a chain of the given CA passes, and no other: a stranger's, an expired
    one, one that a leaf of the CA signed, and, where the check is about a host, one for another host."""
    ours, stranger = Signer("ours"), Signer("stranger")
    leaf = Signer("a leaf that signs")
    leaf.certificate = ours.certify(leaf.name, leaf.key, HOST)
    chains = {
        "ours": ours.sign(HOST),
        "stranger": stranger.sign(HOST),
        "mixed": stranger.sign(HOST).replace(stranger.pem, ours.pem),
        "expired": ours.sign(HOST, days=-1),
        "by a leaf": leaf.sign(HOST) + ours.pem,
        "authority itself": ours.pem,
        "another host": ours.sign("other.parley.test"),
    }
    expected = dict.fromkeys(chains, "refused") | {"ours": "accepted"}
    if check not in ABOUT_A_HOST:
        del chains["another host"], expected["another host"]

    def verdicts() -> dict[str, str]:
        said = {}
        for name, pem in chains.items():
            file = tmp_path / f"{name.replace(' ', '-')}.pem"
            file.write_bytes(pem)
            said[name] = app.ask(f"{check} {file} {HOST}")
        return said

    before = verdicts()
    assert set(before.values()) == {"refused"}
    with Hooked(app, "java-unpin", ca=ours.pem.decode()) as hooked:
        assert verdicts() == expected
    assert verdicts() == before and hooked.ended["faults"] == 0
