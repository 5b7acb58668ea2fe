"""The dictionary of names: what it says of a field, and of which it says nothing."""

import pytest

from promptrail.findings.identifiers.names import CLASSES, dictionary, name_all, segments, terms


def named(*fields: tuple[str, str]) -> list[str | None]:
    return [f"{one.term.term} {one.grade}" if one else None for one in name_all(fields)]


def test_every_row_has_a_class_and_a_source() -> None:
    """And every name stands in one row alone (else the dictionary is not even built)."""
    assert dictionary()
    for term in terms():
        assert term.kind in CLASSES and len(term.source) > 10, term.term
        assert all(name == name.lower() for name in term.names | term.beside | term.places)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/0/header/advertising_id", ["header", "advertisingid"]),
        ("?ANDROID-ID", ["androidid"]),
        ("ctx > /device_id", ["ctx", "deviceid"]),
        ("extinfo > /5", ["extinfo", "5"]),
        ("/sessions/0/user/id", ["sessions", "user", "id"]),
        ("x-device-id", ["xdeviceid"]),
        ("", []),
    ],
)
def test_a_path_gives_its_names(path: str, expected: list[str]) -> None:
    """Without signs and case; an index only where it is the last."""
    assert segments(path) == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("/header/advertising_id", "c65403c9-2cae-4c27-ba89-bb057e5cdefc", "advertising id E3"),
        ("?gaid", "x", "advertising id E3"),
        ("/events/0/device/id", "x", "device id E3"),
        ("/sessions/0/id", "x", "session id E3"),
        ("/email", "ann@mail.example", "e-mail address E3"),
        ("/email", "5a" * 32, "e-mail address E3"),
        ("extinfo > /5", "SIM-8", "model E2"),
        ("/device/cpuAbi/0", "arm64-v8a", "processor E3"),
        ("/deviceIds/0", "x", None),
        ("/email", "weekly", None),
        ("/os", "42", None),
        ("/id", "421d7476d3b79830", None),
        ("/message", "advertising_id", None),
    ],
)
def test_a_name_is_matched_whole(path: str, text: str, expected: str | None) -> None:
    """By its last name, or with the one around it; where it matters, by what the value looks like."""
    assert named((path, text)) == [expected]


def test_a_language_models_name_is_no_model_of_a_phone() -> None:
    """`model` means something else in a chat, and counts only beside a surer name of another kind."""
    assert named(("/model", "parley-large"), ("/stream", "true")) == [None, None]
    assert named(("/model", "SIM-8"), ("/os_version", "15")) == ["model E2", "system version E3"]


def test_two_unsure_names_do_not_vouch_for_each_other() -> None:
    """Model and language of a chat request."""
    assert named(("/model", "parley-large"), ("/language", "ko")) == [None, None]
