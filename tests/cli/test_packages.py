"""`promptrail apk`: for a person, as JSON, into a case, with a list of trackers, and what goes wrong."""

import json
from pathlib import Path

import pytest

from apk.packages import apk, chat, link, manifest
from promptrail.apk import Identity
from promptrail.case import Case
from promptrail.cli import main


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A package that has something of everything."""
    out = tmp_path / "chat.apk"
    out.write_bytes(chat())
    return out


def test_for_a_person(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it is, who signed it, what it may do, whose code is in it; and what that does not show."""
    assert main(["apk", str(file), "--obtained", "from the maker's site on 2026-11-22"]) == 0
    out = capsys.readouterr().out
    for said in (
        "package      org.example.chat  1.2.3 (7)",
        "signed by    CN=Test fixture, SHA-256 ",
        "(v1, v2, v3; not verified)",
        "obtained     from the maker's site on 2026-11-22",
        "network      *.chat.example.test: certificate transparency yes; 1 pins until 2030-01-01",
        "deep links   chat://open.example.test",
        "Google       google_app_id 1:123:android:abc",
        "SDK in it    Google Analytics for Firebase (Google; analytics): 1 classes",
        "host in it   api.example.test (url; dex in classes.dex)",
        "never what it did (grade E0)",
    ):
        assert said in out


def test_as_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same that a case keeps, and nothing else on standard output."""
    assert main(["apk", str(file), "--json"]) == 0
    told = capsys.readouterr().out
    assert Identity.from_json(told, "stdout").package == "org.example.chat"


def test_into_a_case(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Kept under package and version; another signer of the same package is warned of on the next."""
    case = Case.create(tmp_path / "case")
    assert main(["apk", str(file), "--case", str(case.path)]) == 0
    kept = case.path / "apk" / "org.example.chat-7.json"
    assert json.loads(kept.read_text())["certificates"] and str(kept) in capsys.readouterr().err
    other = tmp_path / "other.apk"
    other.write_bytes(apk(code=8))
    assert main(["apk", str(other), "--case", str(case.path)]) == 0
    err = capsys.readouterr().err
    assert "warning: org.example.chat is signed by no certificate" in err and "Another signer" in err


def test_with_a_users_list_of_trackers(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its rows stand beside ours, each saying which list it is of."""
    listed = tmp_path / "trackers.json"
    row = {"id": 1, "name": "Example CDN", "code_signature": "", "network_signature": r"cdn\.example\.test"}
    listed.write_text(json.dumps({"trackers": {"1": row}}))
    assert main(["apk", str(file), "--trackers", str(listed), "--json"]) == 0
    sdks = json.loads(capsys.readouterr().out)["sdks"]
    assert [(sdk["list"], sdk["name"]) for sdk in sdks] == [
        ("promptrail", "Google Analytics for Firebase"),
        ("exodus", "Example CDN"),
    ]
    assert main(["apk", str(file), "--trackers", str(listed)]) == 0
    assert "Example CDN (vendor not stated; unknown): host cdn.example.test" in capsys.readouterr().out


def test_what_was_not_read_is_told_and_ends_with_three(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything else is there; the reason stands on standard error."""
    file = tmp_path / "chat.apk"
    file.write_bytes(apk({"classes2.dex": b"dex\n035\0"}))
    assert main(["apk", str(file)]) == 3
    out, err = capsys.readouterr()
    assert "org.example.chat" in out and "not read: chat.apk: classes2.dex: ends within its header" in err


def test_texts_of_a_package_cannot_drive_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Control characters are shown as what they are, and no text makes a line of its own."""
    file = tmp_path / "chat.apk"
    links = link("x\nsigned by    CN=Google", "a.test\x1b[2J", exported=True)
    file.write_bytes(apk({"AndroidManifest.xml": manifest(links, package="a.b\u202e\x07", version="1\n2")}))
    assert main(["apk", str(file)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out and "\u202e" not in out and "\x07" not in out
    assert len([line for line in out.splitlines() if line.startswith("signed by")]) == 1


@pytest.mark.parametrize(("name", "said"), [("none.apk", "no such file"), ("case.toml", "not a ZIP file")])
def test_what_is_no_app_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    """One sentence, and nothing is kept."""
    case = Case.create(tmp_path / "case")
    assert main(["apk", str(case.path / name), "--case", str(case.path)]) == 1
    assert said in capsys.readouterr().err and not (case.path / "apk").exists()
