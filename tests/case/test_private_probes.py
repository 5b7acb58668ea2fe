"""Identifiers of a recorded device as probes of their own file, apart from case.toml."""

from pathlib import Path

import pytest

from promptrail.case import Case, private_probes
from promptrail.errors import CaseError


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case.create(tmp_path / "case")


def kept(case: Case) -> list[tuple[str, str, str]]:
    return [(probe.probe, probe.kind, probe.text) for probe in Case.open(case.path).declared_probes]


def test_they_are_probes_and_in_no_other_file(case: Case) -> None:
    """Traced like every probe; neither case.toml nor the log has the value, and only the owner may read it."""
    case.add_probe("prompt", "a prompt of three words 77")
    assert case.keep_private_probe("Wi-Fi address", "02:1a:2b:3c:4d:5e") == "device-wi-fi-address"
    assert kept(case) == [
        ("p1", "prompt", "a prompt of three words 77"),
        ("device-wi-fi-address", "identifier", "02:1a:2b:3c:4d:5e"),
    ]
    outside = (case.path / "case.toml").read_text() + (case.path / "log.jsonl").read_text()
    assert "02:1a" not in outside
    assert (case.path / "private" / "probes.toml").stat().st_mode & 0o777 == 0o600


def test_the_same_value_is_one_probe(case: Case) -> None:
    """Of a second recording, under another name, or declared by hand before: the id that it has."""
    assert case.keep_private_probe("serial number", "SIM0000008") == "device-serial-number"
    assert case.keep_private_probe("serial number", "SIM0000008") == "device-serial-number"
    assert case.keep_private_probe("build serial", "SIM0000008") == "device-serial-number"
    case.add_probe("identifier", "another-device", "mine")
    assert case.keep_private_probe("device name", "another-device") == "mine"
    assert len(kept(case)) == 2


def test_another_value_of_a_name_gets_a_number(case: Case) -> None:
    """A case may have recordings of several devices."""
    values = ("SIM0000008", "SIM0000009", "SIM0000010")
    ids = [case.keep_private_probe("serial number", value) for value in values]
    assert ids == ["device-serial-number", "device-serial-number-2", "device-serial-number-3"]
    assert [text for _, _, text in kept(case)] == list(values)


def test_odd_names_and_values(case: Case) -> None:
    """A name of other letters still makes an id; a value with quotes, marks and other scripts comes back as it is."""
    value = "\"'\\ 민수의 전화 [[probe]]\x7f"
    assert case.keep_private_probe("이름", value) == "device"
    assert kept(case) == [("device", "identifier", value)]


def test_a_value_that_would_be_met_by_chance(case: Case) -> None:
    """Refused, as any short probe."""
    with pytest.raises(CaseError, match="shorter than 6"):
        private_probes.add(case.private, "serial number", "12345")
    assert kept(case) == []


def test_without_the_private_part_there_are_none(case: Case, tmp_path: Path) -> None:
    """A case that was passed on without private/ opens, and traces what is left."""
    case.add_probe("prompt", "a prompt of three words 77")
    case.keep_private_probe("serial number", "SIM0000008")
    (case.path / "private").rename(tmp_path / "kept at home")
    assert [probe for probe, _, _ in kept(case)] == ["p1"]


def test_a_broken_file_is_told(case: Case) -> None:
    """By its own name."""
    (case.private / "probes.toml").write_text("[[probe]\n")
    with pytest.raises(CaseError, match=r"probes\.toml: not valid TOML"):
        kept(case)
