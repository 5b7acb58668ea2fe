"""Settings among answers: by words of path and field, in whatever form; and what must not be called settings."""

import base64
import gzip
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from factories import BEGAN, Rows, compact
from findings.answered import CLOUD, OWN, answered
from promptrail.findings.remote.received import FILE, Received, place, received, words


def read(folder: Path, path: str, answer: bytes | None, **more: Any) -> list[Received]:
    rows = Rows()
    rows.run("r1")
    answered(rows, "r1", CLOUD, path, answer, 1, **more)
    return received(rows.write(folder), ["r1"])


@pytest.mark.parametrize(
    ("path", "answer", "known_by"),
    [
        ("/service/2/abtest_config/", {"data": {"x": {"val": "b"}}}, "path"),
        ("/v1/Remote-Config", {"data": "on"}, "path"),
        ("/monitor/collect/c/cloudcontrol/get?id=1", {"code": "ok"}, "path"),
        (
            "/v1/projects/7/namespaces/firebase:fetch",
            {"entries": {"a": "b"}, "state": "UPDATE"},
            "path and fields",
        ),
        ("/decide/?v=3", {"featureFlags": {"beta": True}}, "path and fields"),
        ("/x", {"feature_gates": {"new": {"value": True}}}, "fields"),
        ("/x", {"toggles": [{"name": "dark", "enabled": True}]}, "fields"),
        ("/v1/initialize", {"variant": "a", "user": 7}, "path and fields"),
    ],
)
def test_settings_are_known(tmp_path: Path, path: str, answer: Any, known_by: str) -> None:
    """By a word of the path, of the fields, or two unsure ones together."""
    (found,) = read(tmp_path / "case", path, compact(answer))
    assert found.known_by == known_by and found.values and found.kinds


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/v1/chat", {"title": "settings", "answer": "config experiments"}),
        ("/v1/initialize", {"ok": True}),
        ("/v1/features", {"list": ["a"]}),
        ("/v1/x", {"variant": "red", "price": 3}),
        ("/settings-of-my-cat.html", {"page": 1}),
        ("/v1/x", {"a": {"b": {"c": {"d": {"e": {"experiments": 1}}}}}}),
    ],
)
def test_what_is_no_settings(tmp_path: Path, path: str, answer: Any) -> None:
    """Words in values, one unsure word alone, a longer word, a name far down."""
    assert read(tmp_path / "case", path, compact(answer)) == []


@pytest.mark.parametrize(
    "answer",
    [
        compact({"experiments": {"often": {"variant": "on"}}}),
        gzip.compress(compact({"experiments": {"often": {"variant": "on"}}}), mtime=0),
        compact({"data": base64.b64encode(compact({"experiments": {"often": {"variant": "on"}}})).decode()}),
    ],
)
def test_whatever_the_decoders_open_is_read(tmp_path: Path, answer: bytes) -> None:
    """Plain, compressed, and JSON inside a string of JSON."""
    (found,) = read(tmp_path / "case", "/v1/experiments", answer)
    assert any(
        key.endswith("/experiments/often/variant") and value == "on" for key, value in found.values.items()
    )


@pytest.mark.parametrize("answer", [None, b"", b"\xff\x00\xfe\x01" * 8, b'{"cut": tru', b"[" * 100_000])
def test_asked_for_and_not_read_is_told_apart(tmp_path: Path, answer: bytes | None) -> None:
    """Missing, empty, noise, cut short, nested without end: the request is there, its keys are not."""
    (found,) = read(tmp_path / "case", "/v1/settings", answer)
    assert found.values == {} and found.place == "GET /v1/settings"


@pytest.mark.parametrize("answer", [None, b"", b"\xff\x00\xfe\x01" * 8])
def test_an_unsure_path_without_an_answer_is_nothing(tmp_path: Path, answer: bytes | None) -> None:
    """`initialize` may mean anything."""
    assert read(tmp_path / "case", "/v1/initialize", answer) == []


def test_hostile_names_are_kept_as_they_are(tmp_path: Path) -> None:
    """Markup, controls, empty names and thousands of keys: bounded, in order, and no exception."""
    answer = {"experiments": {f"<b>{n}\u202e": f"$x{n}$" for n in range(6000)}, "": "no name"}
    (found,) = read(tmp_path / "case", "/x", compact(answer))
    assert len(found.values) == 4000
    assert found.values["/experiments/<b>7\u202e"] == "$x7$"


def test_requests_that_reached_nobody_hand_out_nothing(tmp_path: Path) -> None:
    """No server was reached, so there is no answer."""
    assert read(tmp_path / "case", "/v1/settings", None, status=None, dest_ip=None) == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://h.test/v1/users/81234567/settings?a=1", "GET /v1/users/{}/settings"),
        ("https://h.test/service/2/abtest_config/", "GET /service/2/abtest_config/"),
        ("https://h.test/c/0e86d081884c7d99/x", "GET /c/{}/x"),
        ("https://h.test", "GET /"),
        ("https://[::1/x", "GET /"),
        (None, "GET /"),
    ],
)
def test_a_place_is_a_kind_of_things(url: str | None, expected: str) -> None:
    """Numbers and ids in a path are one thing, its words are a kind."""
    assert place("GET", url) == expected


def test_the_answer_comes_when_it_begins(tmp_path: Path) -> None:
    """What was done before cannot have followed it."""
    (found,) = read(tmp_path / "case", "/v1/settings", compact({"a": "b"}))
    assert found.at == BEGAN + 1.1
    assert OWN != found.host == CLOUD


def test_every_row_of_words_has_a_source_and_no_word_two_rows() -> None:
    """Each word is somebody's word; `words` itself refuses doubles."""
    rows = tomllib.loads(files("promptrail.findings.remote").joinpath(FILE).read_text(encoding="utf-8"))[
        "words"
    ]
    assert all("http" in row["source"] and row["kind"] for row in rows)
    every = [word for row in rows for key in ("paths", "fields", "unsure") for word in row[key]]
    assert all(word.isalnum() and word == word.lower() for word in every)
    assert {word for _, word in words()} == set(every)
