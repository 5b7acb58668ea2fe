"""What a case keeps of apps: under safe names, never one over another's, and a word where the signer changed."""

import dataclasses
import json
import subprocess
from pathlib import Path

import pytest

from apk.packages import apk
from promptrail import apk as reader
from promptrail.apk import Identity, kept
from promptrail.apk.identity import Certificate, PackageFile
from promptrail.case import Case
from promptrail.errors import CaseError, InputError
from rigs.needs import missing_rig


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case.create(tmp_path / "case")


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    file = tmp_path_factory.mktemp("kept") / "chat.apk"
    file.write_bytes(apk(signed=["v2"]))
    return reader.read(file)


def other(identity: Identity, digest: str = "f" * 64, **more: object) -> Identity:
    """The same app from another file."""
    return dataclasses.replace(identity, files=(PackageFile("x.apk", "base", 1, digest),), **more)


def test_an_identity_is_kept_and_comes_back(case: Case, identity: Identity) -> None:
    """Under package and version code, and the log says so."""
    done = kept.keep(case, identity)
    assert done.file == case.path / "apk" / "org.example.chat-7.json" and done.new and not done.warnings
    assert kept.identities(case) == [(done.file, Identity.from_json(identity.to_json(), ""))]
    line = json.loads((case.path / "log.jsonl").read_text().splitlines()[-1])
    assert line["action"] == "apk" and line["sha256"] == [identity.files[0].sha256]


def test_the_same_again_changes_nothing(case: Case, identity: Identity) -> None:
    """One file, and it is not new."""
    kept.keep(case, identity)
    assert not kept.keep(case, identity).new and len(kept.identities(case)) == 1


def test_other_files_of_the_same_version_are_kept_beside_it(case: Case, identity: Identity) -> None:
    """Two builds may carry one version."""
    kept.keep(case, identity)
    done = kept.keep(case, other(identity))
    assert done.file.name == "org.example.chat-7-ffffffffffff.json" and done.new and not done.warnings
    assert not kept.keep(case, other(identity)).new and len(kept.identities(case)) == 2


def test_another_signer_is_warned_of(case: Case, identity: Identity) -> None:
    """Against every version of the package that was kept before, with both digests; not against other packages."""
    kept.keep(case, dataclasses.replace(other(identity, "a" * 64), package="org.other"))
    kept.keep(case, identity)
    signer = Certificate("c" * 64, "CN=Else", ("v2",))
    done = kept.keep(case, other(identity, version_code=8, certificates=(signer,)))
    (warning,) = done.warnings
    assert (
        "c" * 64 in warning
        and identity.certificates[0].sha256 in warning
        and "org.example.chat-7.json" in warning
    )


def test_an_unsigned_one_after_a_signed_one_is_another_signer(case: Case, identity: Identity) -> None:
    """A signature that is gone is told like one that changed."""
    kept.keep(case, identity)
    assert "no certificate" in kept.keep(case, other(identity, certificates=())).warnings[0]


@pytest.mark.parametrize(
    "package", [None, "../../etc/passwd", "a", "x" * 200 + ".y", "a.b\0", "con", "a/b.c", ".a.b"]
)
def test_a_package_that_is_no_name_never_becomes_one(
    case: Case, identity: Identity, package: str | None
) -> None:
    """The digest stands in for it."""
    done = kept.keep(case, other(identity, package=package, version_code=None))
    assert done.file == case.path / "apk" / "unnamed-ffffffffffff-unknown.json"


def test_what_was_damaged_there_is_named(case: Case, identity: Identity) -> None:
    """Nothing is compared with half a record."""
    file = kept.keep(case, identity).file
    file.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"org\.example\.chat-7\.json"):
        kept.keep(case, identity)


def test_what_cannot_be_written_is_one_sentence(case: Case, identity: Identity) -> None:
    """Something else stands where the folder should; nothing half-written is left."""
    (case.path / "apk").write_text("mine")
    with pytest.raises(CaseError, match=r"org\.example\.chat-7\.json: cannot be written: File exists"):
        kept.keep(case, identity)
    assert (case.path / "apk").read_text() == "mine"


@pytest.mark.rig
def test_on_a_full_disk_nothing_half_written_is_left(tmp_path: Path, identity: Identity) -> None:
    """A small disk without room for the record."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)], capture_output=True
    )
    if made.returncode:
        missing_rig(f"cannot mount a small disk: {made.stderr.decode().strip()}")
    try:
        case = Case.create(place / "case")
        (case.path / "apk").mkdir()
        with pytest.raises(OSError, match="No space left"):
            (place / "filler").write_bytes(bytes(1 << 20))
        with pytest.raises(CaseError, match=r"No space left on device\. Free some space"):
            kept.keep(case, identity)
        assert list((case.path / "apk").iterdir()) == []
    finally:
        subprocess.run(["umount", str(place)], check=True)
