"""Hosts in texts and bytes: what counts as an address, what as a name, and what looks like one and is none."""

import pytest

from promptrail.apk.hosts import Hosts, addresses, bare
from promptrail.apk.identity import Place

HERE = Place("a.apk", "classes.dex", "dex")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"https://api.example.test/v1", [("api.example.test", "https://api.example.test/v1")]),
        (
            b'see "http://a.example.test:8080/x?y=1", or',
            [("a.example.test", "http://a.example.test:8080/x?y=1")],
        ),
        (b"wss://live.example.test", [("live.example.test", "wss://live.example.test")]),
        (b"HTTPS://API.Example.Test/P", [("api.example.test", "https://API.Example.Test/P")]),
        (b"\x00\x01\xffhttps://a.example.test\x00", [("a.example.test", "https://a.example.test")]),
        (b"https://user:secret@a.example.test/", [("a.example.test", "https://…@a.example.test/")]),
        (b"http://10.0.2.2:8080/", [("10.0.2.2", "http://10.0.2.2:8080/")]),
        (b"https://a.example.test,https://b.example.test", ["a.example.test", "b.example.test"]),
        (b"xyzhttps://a.example.test", [("a.example.test", "https://a.example.test")]),
        (b"https://a.example.test.", [("a.example.test", "https://a.example.test")]),
        (b"https://", []),
        (b"https://${host}/v1", []),
        (b"https://%s.example.test/", []),
        (b"https://localhost/", []),
        (b"content://org.example.chat.files/x", []),
        (b"file:///android_asset/index.html", []),
        (b"https://-bad-.example.test", []),
    ],
)
def test_addresses(data: bytes, found: list[object]) -> None:
    """Schemes of a network, a host with a dot, and nothing that is put together at run time."""
    got = list(addresses(data, Hosts()))
    assert (got if not found or isinstance(found[0], tuple) else [host for host, _ in got]) == found


@pytest.mark.parametrize(
    "name",
    ["api.example.com", "gator.volces.com", "a.b.example.test", "vendor.example.net", "app.example.com"],
)
def test_a_text_that_is_a_host_name_counts(name: str) -> None:
    """It ends in a common top level domain and does not begin like a package."""
    assert bare(name) == name


@pytest.mark.parametrize(
    "text",
    [
        *("com.example.chat", "org.example.net", "java.net", "android.app", "io.example.test", "kotlin.io"),
        *("user.name", "config.json", "screen.id", "index.js", "a.b", "event.app", "io.example.app"),
        *(
            "API.example.com",
            "api.example.com/x",
            "api example.com",
            "-a.example.com",
            ".com",
            "x" * 300 + ".com",
        ),
    ],
)
def test_a_text_that_only_looks_like_one_does_not(text: str) -> None:
    """Packages, properties, file names, and what is no host name at all."""
    assert bare(text) is None


def test_every_place_is_kept() -> None:
    """One host, with all its addresses and where each stands; a name that also stands in an address is told once."""
    hosts, other = Hosts(), Place("a.apk", "assets/x", "asset")
    hosts.text("https://api.example.com/a", HERE)
    hosts.data(b"https://api.example.com/b", other)
    hosts.text("api.example.com", HERE)
    hosts.text("names.example.com", HERE)
    api, names = hosts.result()
    assert (api.name, api.certainty, api.places) == ("api.example.com", "url", (other, HERE))
    assert api.urls == ("https://api.example.com/a", "https://api.example.com/b")
    assert (names.certainty, names.urls) == ("name", ())


def test_what_xml_uses_as_a_name_is_told_apart() -> None:
    """A namespace looks like an address; nobody asks there."""
    hosts = Hosts()
    hosts.text("http://schemas.android.com/apk/res/android", HERE)
    hosts.text("http://javax.xml.XMLConstants/feature/secure-processing", HERE)
    hosts.text("http://java.sun.com/x", HERE)
    told = {host.name: host.certainty for host in hosts.result()}
    assert told == {
        "schemas.android.com": "namespace",
        "javax.xml.xmlconstants": "namespace",
        "java.sun.com": "url",
    }


def test_names_between_two_nuls_of_a_native_library() -> None:
    """Neighbours share the NUL between them."""
    hosts = Hosts()
    hosts.data(b"\0a.example.com\0b.example.com\0com.example.x\0xc.example.com", HERE, names=True)
    assert [host.name for host in hosts.result()] == ["a.example.com", "b.example.com"]


def test_more_hosts_than_anybody_reads_are_counted() -> None:
    """A package cannot fill the memory with invented names."""
    hosts = Hosts()
    hosts.data(b" ".join(b"https://h%d.example.test" % n for n in range(5_100)), HERE)
    assert len(hosts.result()) == 5_000 and hosts.over == 100


def test_addresses_are_not_looked_for_without_end() -> None:
    """A file of nothing but `://` costs a fixed time, and what was left out can be told."""
    hosts = Hosts()
    hosts.looks = 2
    hosts.data(b"://://https://a.example.test", HERE)
    assert hosts.result() == () and hosts.looks == 0
