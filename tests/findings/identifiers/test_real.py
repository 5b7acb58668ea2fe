"""Named fields of a real app's first start, beside what TrackHAR finds in the same file.

TrackHAR 1.0.0 (CC0, commit b0189485) has adapters written by hand for these hosts. Below is what its containedDataPaths
give for this capture: 153 values in 8 of 16 requests, by host and property, without the values.
"""

from pathlib import Path
from typing import Any

import pytest

from promptrail import ingest, pipeline
from promptrail.case import Case
from promptrail.findings.identifiers import finding as identifiers

TRACKHAR = {
    "api2.branch.io": (
        "advertisingId 6, architecture 2, carrier 2, country 3, deviceId 6, language 5, localIp 3, "
        "manufacturer 3, model 3, networkConnectionType 2, osName 3, osVersion 5, screenHeight 3, "
        "screenWidth 3, userId 3, appVersion 3, trackerSdkVersion 3"
    ),
    "graph.facebook.com": (
        "advertisingId 3, carrier 3, deviceId 3, diskFree 3, diskTotal 3, language 3, model 3, osName "
        "3, osVersion 3, screenHeight 3, screenWidth 3, timezone 6, appId 6, appVersion 6"
    ),
    "notify.bugsnag.com": (
        "architecture 1, batteryLevel 1, deviceId 1, isCharging 1, isEmulator 1, isRooted 1, "
        "manufacturer 2, model 1, networkConnectionType 1, orientation 1, osName 1, osVersion 1, "
        "ramFree 1, ramTotal 1, screenHeight 1, screenWidth 1, sessionId 1, userId 1, appId 1, "
        "appName 1, appVersion 2, isInForeground 1, startTime 1, timeSpent 1, trackerSdkVersion 1, "
        "viewedPage 1"
    ),
    "sessions.bugsnag.com": (
        "architecture 1, deviceId 1, isRooted 1, language 1, manufacturer 1, model 1, osName 1, "
        "osVersion 1, ramTotal 1, sessionId 1, userId 1, appId 1, appVersion 2, startTime 1, "
        "trackerSdkVersion 1"
    ),
}
OF_THE_APP = {
    "appId",
    "appName",
    "appVersion",
    "isInForeground",
    "startTime",
    "timeSpent",
    "trackerSdkVersion",
}
OF_THE_APP |= {"viewedPage"}
"""Properties of the app and its session, which this finding does not ask for."""
TERMS = {
    "advertisingId": "advertising id",
    "architecture": "processor",
    "batteryLevel": "battery",
    "carrier": "carrier",
    "country": "country",
    "deviceId": "device id",
    "diskFree": "storage",
    "diskTotal": "storage",
    "isCharging": "battery",
    "isEmulator": "rooted or emulator",
    "isRooted": "rooted or emulator",
    "language": "locale",
    "localIp": "ip address",
    "manufacturer": "manufacturer",
    "model": "model",
    "networkConnectionType": "kind of network",
    "orientation": "orientation",
    "osName": "operating system",
    "osVersion": "system version",
    "ramFree": "memory",
    "ramTotal": "memory",
    "screenHeight": "screen",
    "screenWidth": "screen",
    "sessionId": "session id",
    "timezone": "time zone",
    "userId": "user id",
}
ONE_FIELD = {("notify.bugsnag.com", "screen"): 1}
"""Counted twice there: one field, `screenResolution`, that TrackHAR tells as width and as height."""


def expected() -> dict[tuple[str, str], int]:
    """(host, term) -> values that TrackHAR finds."""
    out: dict[tuple[str, str], int] = {}
    for host, listed in TRACKHAR.items():
        for prop, count in (one.split(" ") for one in listed.split(", ")):
            if prop not in OF_THE_APP:
                key = (host, TERMS[prop])
                out[key] = out.get(key, 0) + int(count)
    return {key: count - ONE_FIELD.get(key, 0) for key, count in out.items()}


def test_the_list_is_trackhars() -> None:
    """Guards the test below against a slip of the pen: 153 values, as its command prints."""
    assert sum(int(one.split(" ")[1]) for listed in TRACKHAR.values() for one in listed.split(", ")) == 153


@pytest.fixture(scope="module")
def named(real_captures: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The named fields of the real capture."""
    case = Case.create(tmp_path_factory.mktemp("real") / "case")
    ingest.place(case, real_captures / "android-app-first-run.har")
    pipeline.ensure(case)
    found: Any = identifiers.find(case).facts["named_fields"]
    return list(found)


@pytest.mark.needs_shared
def test_every_value_that_trackhar_finds_is_named_under_its_recipient(named: list[dict[str, Any]]) -> None:
    """Host by host and meaning by meaning at least as many fields; without an adapter for any of them."""
    found = {(row["host"], row["term"]): row["fields"] for row in named}
    missing = {
        key: (count, found.get(key, 0)) for key, count in expected().items() if found.get(key, 0) < count
    }
    assert missing == {}


@pytest.mark.needs_shared
def test_values_of_a_person_or_device_are_not_shown(named: list[dict[str, Any]]) -> None:
    """They stand as their length; the model of the emulator is called a known constant."""
    for row in named:
        if row["class"] in ("identifier", "session", "network"):
            assert all(value.startswith("[") for value in row["values"]), row
    models = {row["weak"] for row in named if row["term"] == "model"}
    assert models == {"known constant: model of Google's emulator"}


@pytest.mark.needs_shared
def test_the_grade_says_whether_the_name_alone_says_it(named: list[dict[str, Any]]) -> None:
    """An advertising id by its name (E3); a model by its place in an array of Facebook's (E2)."""
    grade = {(row["host"], row["term"]): row["grade"] for row in named}
    assert grade["graph.facebook.com", "advertising id"] == "E3"
    assert grade["graph.facebook.com", "model"] == "E2"
