"""Verdict, grade and sentences of finding 05: what is in a package, and what was recorded, stay two things."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from factories import BEGAN, DEVICE, Rows, compact
from promptrail.apk.identity import SCHEMA, Identity, PackageFile, Sdk, Unread
from promptrail.apk.kept import keep
from promptrail.case import Case
from promptrail.findings.sdks import finding as sdks
from promptrail.ingest.hook_record import HookRecord
from promptrail.model import Finding

VENDOR, OTHER, OWN = "in.brightmoor.test", "cdn.quillmark.example", "chat.parley.test"
KIT = Sdk(
    id="brightmoor-kit",
    name="Brightmoor Kit",
    vendor="Brightmoor",
    purpose="analytics",
    hosts=("brightmoor.test",),
    classes=("test.brightmoor.kit.Log",),
    class_count=12,
    entries=("classes.dex",),
    hosts_found=(),
    list="promptrail",
    source="lab: invented",
    as_of="2026-03-14",
)
QUIET = replace(
    KIT, id="tidedesk", name="Tidedesk", vendor="Tidedesk", hosts=("tidedesk.example",), classes=()
)


def package(*found: Sdk, version: str = "4.2.0", unread: tuple[Unread, ...] = ()) -> Identity:
    """A package of the lab's app with these SDKs, as `promptrail apk` would keep it."""
    return Identity(
        schema=SCHEMA,
        form="apk",
        obtained="lab: invented",
        files=(PackageFile("base.apk", "base", 10, "ab" * 32),),
        package="test.parley.chat",
        version_name=version,
        version_code=1,
        min_sdk=24,
        target_sdk=34,
        certificates=(),
        permissions=(),
        debuggable=False,
        cleartext=False,
        cleartext_because="",
        user_certificates_trusted=False,
        network_security=None,
        deep_links=(),
        abis=(),
        frameworks=(),
        google={},
        sdks=found,
        hosts=(),
        class_count=100,
        unread=unread,
    )


def studied(
    folder: Path,
    kept: Identity | None,
    *hosts: str,
    identified: bool = False,
    unread: str | None = None,
    sender: str | None = None,
) -> Finding:
    """A run of version 4.2.0 with one request to each of these hosts."""
    rows = Rows()
    rows.probe("i1", "identifier", DEVICE)
    rows.run("r", app="Parley", app_version="4.2.0")
    rows.recipient(OWN, True, service_operator="Parley Labs")
    rows.recipient(VENDOR, False, service_operator="Brightmoor")
    for n, host in enumerate((OWN, *hosts)):
        data = compact({"id": DEVICE, "n": n})
        flow = rows.flow("r", host, data, n)
        if identified and host != OWN:
            rows.sighting(flow, "i1", data, n)
    if unread:
        rows.connection("r", unread, "pinned", opened=BEGAN)
    if sender:
        detail = json.dumps({"url": f"https://{VENDOR}/v1/chat", "class": sender})
        rows.rows["hooks"].append(
            HookRecord("r", 0, BEGAN + 0.9, "origin", 1, "app", "stack", detail=detail, stack=["f"])
        )
    case = rows.write(folder)
    if kept is not None:
        keep(case, kept)
    return sdks.find(Case.open(folder))


@pytest.mark.parametrize(
    ("hosts", "more", "grade"),
    [
        ([], {"unread": VENDOR}, "E1"),
        ([VENDOR], {}, "E2"),
        ([VENDOR], {"identified": True}, "E3"),
    ],
)
def test_contact_with_the_vendor_of_an_sdk_is_supported(
    tmp_path: Path, hosts: list[str], more: dict[str, Any], grade: str
) -> None:
    """By its hosts or its name as operator; what nobody saw to be contacted is told beside it."""
    found = studied(tmp_path / "case", package(KIT, QUIET), *hosts, **more)
    assert (found.verdict, found.grade) == ("supported", grade)
    assert "2 SDKs in the package of version 4.2.0; contacted: Brightmoor Kit" in found.sentence
    assert "The vendor of 1 other was not seen" in found.sentence
    assert "The SDK sent it" in found.not_licensed and "Tidedesk" not in found.licensed


def test_the_class_that_sent_it_is_named_where_a_hook_saw_it(tmp_path: Path) -> None:
    """Then, and only then, the sentence says which code it was."""
    found = studied(tmp_path / "a", package(KIT), VENDOR, sender="test.brightmoor.kit.Log")
    assert "sent by test.brightmoor.kit.Log" in found.sentence
    assert next(c for c in found.controls if c.control == "Which code").result == "pass"
    assert "sent by" not in studied(tmp_path / "b", package(KIT), VENDOR).sentence


def test_no_contact_is_not_observed_with_its_bound(tmp_path: Path) -> None:
    """Everything was read and the vendor was not met; a host without an SDK is told apart."""
    found = studied(tmp_path / "case", package(KIT), OTHER)
    assert (found.verdict, found.grade) == ("not observed", None)
    assert "95 % of runs" in found.licensed and found.facts["without_sdk"] == [OTHER]


@pytest.mark.parametrize(
    ("kept", "hosts", "more", "why"),
    [
        (None, [VENDOR], {}, "No package of this app is kept"),
        (package(), [VENDOR], {}, "No SDK of the list shows"),
        (package(KIT), [], {"unread": OTHER}, "none of their vendors was seen"),
        (package(KIT, version="3.9"), [VENDOR], {}, "contacted: Brightmoor Kit"),
    ],
)
def test_what_cannot_be_told(
    tmp_path: Path, kept: Identity | None, hosts: list[str], more: dict[str, Any], why: str
) -> None:
    """No package, no SDK, unread traffic, or a package of another version than was recorded."""
    found = studied(tmp_path / "case", kept, *hosts, **more)
    assert (found.verdict, found.grade) == ("cannot tell", None)
    assert why in found.sentence


def test_a_package_that_was_not_read_whole_is_told(tmp_path: Path) -> None:
    """What was found in it stands; that nothing else is there is not shown."""
    damaged = package(KIT, unread=(Unread("base.apk", "classes2.dex", "damaged"),))
    found = studied(tmp_path / "case", damaged, VENDOR)
    control = next(c for c in found.controls if c.control == "Package read whole")
    assert found.verdict == "supported" and (control.result, control.observed) == (
        "not run",
        "1 part not read",
    )
