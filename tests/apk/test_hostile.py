"""Damage at random: whatever bytes stand in a package, reading it ends in a partial result or a sentence."""

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apk.compiled_files import Xml, compiled_xml, table
from apk.dex_files import container, dex_file
from apk.packages import apk, chat, manifest, zipped
from promptrail import apk as reader
from promptrail.apk import Identity, dex
from promptrail.apk.archive import Archive, Budget, Unreadable
from promptrail.apk.compiled import Compiled, Element
from promptrail.apk.container import Package
from promptrail.apk.hosts import Hosts
from promptrail.apk.identity import Place
from promptrail.apk.manifest import manifest as manifest_of
from promptrail.apk.network_security import network_security
from promptrail.apk.signing import certificates
from promptrail.errors import InputError

DEX = [
    dex_file(["https://a.example.test/", "é\0"], ["La/B;", "Lc/D;"], version=39),
    container((["x"], ["La/B;"]), ([], [])),
]
SIGNED = apk(signed=["v1", "v2", "v3"])
CHAT = chat()
TABLE = table({"a": "b.c", "d": "e"}, {"f": "res/f.xml"})
HERE = Place("a.apk", "x", "asset")
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def damaged(draw: Any, whole: bytes) -> bytes:
    """Some bytes changed, a piece cut out or put in, or the end missing."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        what = draw(st.integers(0, 4))
        if what == 0:
            data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
        elif what == 1:
            data[at : at + 4] = draw(
                st.sampled_from([b"\xff" * 4, bytes(4), b"\xff\xff\xff\x7f", b"\1\0\0\0"])
            )
        elif what == 2:
            del data[at : at + draw(st.integers(1, 40))]
        elif what == 3:
            data[at:at] = draw(st.binary(max_size=40))
        else:
            del data[at:]
    return bytes(data)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(DEX).flatmap(damaged))
def test_a_damaged_dex_is_a_partial_result(data: bytes) -> None:
    """Tables as far as they go; never more strings than the file could hold."""
    found = dex.read(data)
    assert sum(map(len, found.strings)) <= 4 * len(data)


@settings(max_examples=150, deadline=None)
@given(damaged(SIGNED))
def test_a_damaged_archive_is_refused_or_read_in_part(data: bytes) -> None:
    """Its entries are bytes or have a reason, and so have its signatures."""
    budget, stream = Budget(), io.BytesIO(data)
    try:
        archive = Archive("a.apk", stream, budget)
    except InputError as fault:
        assert "a.apk" in str(fault)
        return
    for name in archive.names:
        assert archive.found(name) is not None or budget.unread
    certificates([Package("a.apk", archive, stream, len(data), "")])


def test_damaged_compiled_files_are_read_or_have_a_reason() -> None:
    """One process takes them all, and answers each."""
    with Compiled(seconds=120) as compiled:

        @SLOW
        @given(damaged(manifest(permissions=["a.B"])), damaged(TABLE))
        def one(xml: bytes, resources: bytes) -> None:
            for ask, data in ((compiled.xml, xml), (compiled.strings, resources), (compiled.load, resources)):
                try:
                    ask(data)
                except Unreadable as fault:
                    assert "androguard" in str(fault)

        one()
        assert compiled.xml(compiled_xml(Xml("a"))).tag == "a"


ELEMENTS = st.recursive(
    st.builds(
        Element,
        st.sampled_from(
            ["application", "activity", "intent-filter", "data", "uses-sdk", "domain-config", "pin-set"]
        ),
        st.dictionaries(
            st.sampled_from(["android:name", "android:scheme", "android:versionCode", "package"]), st.text()
        ),
        st.text(),
    ),
    lambda inner: st.builds(
        Element, st.sampled_from(["manifest", "application"]), st.just({}), st.text(), st.lists(inner)
    ),
    max_leaves=12,
)


@given(ELEMENTS)
def test_any_tree_is_a_manifest_or_a_config_of_some_kind(root: Element) -> None:
    """Every value may be missing or of another form."""
    assert manifest_of(root, lambda text: text).permissions is not None
    root.tag = "network-security-config"
    assert network_security(root, "a.apk", "x.xml").entry == "x.xml"


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            [b"https://", b"a.example.com", b"\0", b"://", b"@", b":99999", b"\xff", b"/", b"..", b"x"]
        )
    )
)
def test_any_bytes_are_searched_for_hosts(parts: list[bytes]) -> None:
    """What comes out is a host name, whatever went in."""
    hosts = Hosts()
    hosts.data(b"".join(parts), HERE, names=True)
    assert all("." in host.name and host.name == host.name.strip(".@:/") for host in hosts.result())


@st.composite
def damaged_inside(draw: Any) -> bytes:
    """A package whose ZIP file is whole, and one of whose entries is not."""
    with zipfile.ZipFile(io.BytesIO(CHAT)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    name = draw(st.sampled_from(sorted(entries)))
    return zipped(entries | {name: draw(damaged(entries[name]))})


def check_whole(data: bytes, folder: Path) -> None:
    """A package of these bytes is an identity that can be kept, or refused with its name."""
    file = folder / "x.apk"
    file.write_bytes(data)
    try:
        found = reader.read(file)
    except InputError as fault:
        assert "x.apk" in str(fault)
        return
    assert Identity.from_json(found.to_json(), "x").to_json() == found.to_json()
    assert os.listdir(folder) == ["x.apk"]


def test_a_damaged_package_is_an_identity_or_a_sentence(tmp_path: Path) -> None:
    """The whole way, with androguard beside it."""

    @settings(max_examples=12, deadline=None)
    @given(st.one_of(damaged_inside(), damaged(CHAT)))
    def one(data: bytes) -> None:
        check_whole(data, tmp_path)

    one()


@pytest.mark.long
def test_a_damaged_package_is_an_identity_or_a_sentence_at_length(tmp_path: Path) -> None:
    """The same, four hundred times."""

    @settings(max_examples=400, deadline=None)
    @given(st.one_of(damaged_inside(), damaged(CHAT)))
    def one(data: bytes) -> None:
        check_whole(data, tmp_path)

    one()
