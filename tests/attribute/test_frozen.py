"""A case keeps what it was attributed from: a re-run answers alike, a refresh is dated and says what it changes."""

import json
from pathlib import Path
from typing import Any

import pytest

from attribute.databases import ALIBABA, write
from factories import Rows
from promptrail import attribute, pipeline
from promptrail.attribute import frozen, imported, networks, refreshed, table
from promptrail.attribute.networks import Networks
from promptrail.attribute.table import Table, entries_of
from promptrail.case import Case
from promptrail.errors import CaseError


def made(folder: Path, *hosts: tuple[str, str | None]) -> Case:
    rows = Rows(simulated=False)
    rows.run("r1")
    for host, at in hosts:
        rows.flow("r1", host, b"{}", dest_ip=at)
    return rows.write(folder)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return made(
        tmp_path / "case", ("gator.volces.com", "43.109.38.198"), ("chat.deepseek.com", "3.173.21.63")
    )


def another_table(monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> None:
    """As if a later promptrail had come with another table."""
    texts = {name: text.replace(old, new) for name, text in table.shipped_files().items()}
    monkeypatch.setattr(table, "shipped_files", lambda: texts)
    monkeypatch.setattr(table, "shipped", lambda: Table(entries_of(texts)))
    text = {name: t.replace("CloudFront", "Elsewhere") for name, t in networks.shipped_text().items()}
    monkeypatch.setattr(networks, "shipped_text", lambda: text)
    monkeypatch.setattr(networks, "shipped", lambda: Networks(text))


def test_a_later_table_changes_nothing(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """The frozen copy answers: owners, networks, suffix rules and registry, whatever is installed by then."""
    before = attribute.attribute(case)
    another_table(monkeypatch, '"Volcano Engine"', '"Somebody else"')
    monkeypatch.setattr("promptrail.attribute.registry._ask", lambda text: "ZZ")
    monkeypatch.setattr("promptrail.attribute.registry.installed", lambda: None)
    assert attribute.attribute(case).equals(before)


def test_what_was_used_lies_in_the_case_with_hashes(case: Case) -> None:
    """Tables, suffix list and the registry's answers, each under its SHA-256; nothing is left half made."""
    attribute.attribute(case)
    folder = case.path / "attribution"
    manifest = json.loads((folder / "manifest.json").read_text())
    (name,) = manifest["snapshots"]
    assert manifest["current"] == name and name[:2] == "20"
    assert sorted(manifest["snapshots"][name]["files"]) == sorted(f.name for f in (folder / name).iterdir())
    assert "43.109.38.198,SG" in (folder / name / "registry.csv").read_text()
    assert sorted(f.name for f in folder.iterdir()) == [name, "manifest.json"]


def test_a_refresh_is_a_new_snapshot_and_tells_the_difference(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old snapshot stays; the changed files and answers are named; from then on the new one answers."""
    attribute.attribute(case)
    old = frozen.Manifest.read(case).current
    another_table(monkeypatch, 'domain_owner = "DeepSeek"', 'domain_owner = "DeepSeek Ltd"')
    done = refreshed.refresh(case)
    assert done.before == old and done.snapshot != old
    assert done.files == ["networks.toml: is another", "recipients.toml: is another"]
    (change,) = [c for c in done.changes if c.question == "domain_owner"]
    assert change.host == "chat.deepseek.com"
    assert change.was.startswith("DeepSeek (") and change.is_now.startswith("DeepSeek Ltd (")
    assert (case.path / "attribution" / str(old) / "recipients.toml").is_file()
    owners = attribute.attribute(case).to_pandas().query("question == 'domain_owner'")["answer"]
    assert "DeepSeek Ltd" in set(owners)


def test_a_refresh_without_news_changes_nothing(case: Case) -> None:
    """No file and no answer differs."""
    before = attribute.attribute(case)
    done = refreshed.refresh(case)
    assert (done.files, done.changes) == ([], [])
    assert attribute.attribute(case).equals(before)


def test_a_new_host_is_answered_from_the_frozen_tables(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """A capture that comes later is attributed by the same snapshot; the registry's new answers are added to it."""
    attribute.attribute(case)
    another_table(monkeypatch, '"Statsig"', '"Somebody else"')
    monkeypatch.setattr(case, "_frames", {})
    rows = Rows(simulated=False)
    rows.run("r1")
    rows.flow("r1", "api.statsig.com", b"{}", dest_ip="101.126.0.1")
    (case.path / "case.toml").unlink()
    later = rows.write(case.path)
    found = attribute.attribute(later).to_pandas().set_index("question")["answer"]
    assert (found["domain_owner"], found["address_country"]) == ("Statsig", "CN")
    name = str(frozen.Manifest.read(later).current)
    kept = (later.path / "attribution" / name / "registry.csv").read_text()
    assert "101.126.0.1,CN" in kept and "43.109.38.198,SG" in kept
    assert frozen.sources(later) is not None, "the manifest names the new hash"


def test_a_frozen_file_that_was_changed_is_refused(case: Case) -> None:
    """Named, with what to do; so is one that is missing."""
    attribute.attribute(case)
    name = str(frozen.Manifest.read(case).current)
    file = case.path / "attribution" / name / "recipients.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + "#\n", encoding="utf-8")
    with pytest.raises(CaseError, match=r"recipients\.toml: is not the file that the manifest names"):
        attribute.attribute(case)
    file.unlink()
    with pytest.raises(CaseError, match=r"recipients\.toml: is missing"):
        attribute.attribute(case)


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 9}', "\ud800"])
def test_a_broken_manifest_is_refused(case: Case, text: str) -> None:
    """Never an exception of Python's, never silently begun anew."""
    (case.path / "attribution").mkdir()
    (case.path / "attribution" / "manifest.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(CaseError, match=r"manifest\.json"):
        attribute.attribute(case)


def test_a_case_of_reserved_names_keeps_nothing(tmp_path: Path) -> None:
    """A simulated case asks nothing outside itself, so there is nothing to freeze."""
    case = made(tmp_path / "case", ("chat.parley.test", "198.51.100.14"), ("edge.quillmark.example", None))
    attribute.attribute(case)
    assert not (case.path / "attribution").exists()


def test_a_case_whose_frames_lie_elsewhere_keeps_nothing(case: Case, tmp_path: Path) -> None:
    """The shipped sample may lie where nothing can be written: it is attributed all the same."""
    elsewhere = case.frames_folder.rename(tmp_path / "cache")
    later = Case.open(case.path)
    later.__dict__["frames_folder"] = elsewhere
    assert attribute.attribute(later).num_rows
    assert not (case.path / "attribution").exists()


def test_an_added_table_is_asked_from_the_next_run_on(case: Case, tmp_path: Path) -> None:
    """The frame is made anew after `attribute add`, and not after the first freezing."""
    keys: list[Any] = [frozen.revision(case)]
    attribute.attribute(case)
    keys.append(frozen.revision(case))
    imported.add(case, write(tmp_path / "asn.csv", ALIBABA))
    keys.append(frozen.revision(case))
    assert keys[0] == keys[1] and keys[2] not in keys[:2]
    frame = attribute.attribute(case).to_pandas()
    told = frame[(frame["host"] == "gator.volces.com") & (frame["question"] == "network_operator")]
    assert list(told["answer"]) == ["AS24429 Zhejiang Taobao Network Co. Ltd"]
    assert pipeline._keys(case)["attribute"]
