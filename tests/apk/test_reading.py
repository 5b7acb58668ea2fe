"""An app's identity from its package files, in every form; and that one part that is broken stops no other."""

import hashlib
from pathlib import Path

import pytest

from apk.compiled_files import Xml, table
from apk.dex_files import dex_file
from apk.packages import CONFIG, apk, certificate, chat, config, link, manifest, with_block, zipped
from promptrail import apk as reader
from promptrail.apk import Identity
from promptrail.apk.identity import Place

HERMES = bytes.fromhex("c61fbc03c103191f")


def read(folder: Path, data: bytes, name: str = "chat.apk") -> Identity:
    (folder / name).write_bytes(data)
    return reader.read(folder / name)


def test_everything_that_a_package_says(tmp_path: Path) -> None:
    """Versions, signer, permissions, network rules, links, native code, SDKs, Google's ids."""
    found = read(tmp_path, chat())
    assert (found.package, found.version_name, found.version_code) == ("org.example.chat", "1.2.3", 7)
    assert (found.min_sdk, found.target_sdk, found.debuggable) == (24, 29, False)
    assert [(one.sha256, one.schemes) for one in found.certificates] == [
        (hashlib.sha256(certificate()).hexdigest(), ("v1", "v2", "v3"))
    ]
    assert found.permissions == ("android.permission.INTERNET", "android.permission.RECORD_AUDIO")
    assert (found.cleartext, found.user_certificates_trusted) == (False, False)
    assert found.network_security is not None
    (rules,) = found.network_security.domains
    assert (rules.domain, rules.subdomains, rules.certificate_transparency) == (
        "chat.example.test",
        True,
        True,
    )
    assert rules.pins == ("SHA-256:AAAA=",) and rules.pins_expire == "2030-01-01"
    (opens,) = found.deep_links
    assert (opens.scheme, opens.host, opens.verified) == ("chat", "open.example.test", True)
    assert found.abis == ("arm64-v8a",) and found.class_count == 3
    assert found.google == {"google_app_id": "1:123:android:abc", "project_id": "chat-example"}
    assert [sdk.id for sdk in found.sdks] == ["firebase-analytics"]
    assert found.obtained == "not stated" and found.unread == ()


def test_every_host_with_where_it_stands(tmp_path: Path) -> None:
    """DEX strings, resources, assets, native libraries, the network security config; each with its certainty."""
    found = read(tmp_path, chat())
    assert {one.name: (one.certainty, one.places[0].kind, one.places[0].entry) for one in found.hosts} == {
        "api.example.test": ("url", "dex", "classes.dex"),
        "cdn.example.test": ("url", "asset", "assets/index.html"),
        "chat.example.test": ("declared", "network security config", CONFIG),
        "events.vendor.example.net": ("name", "dex", "classes2.dex"),
        "help.example.test": ("url", "resource", "resources.arsc"),
        "live.example.test": ("url", "native library", "lib/arm64-v8a/libchat.so"),
        "native.example.com": ("name", "native library", "lib/arm64-v8a/libchat.so"),
    }


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    """Nothing tells when, where or in which order they were read."""
    data = chat()
    assert read(tmp_path, data).to_json() == read(tmp_path, data).to_json()


def splits() -> dict[str, bytes]:
    """A base, native code, and a module with a class and a permission of its own."""
    module = {"classes.dex": dex_file(["https://module.example.test/"], ["Lorg/example/chat/Module;"])}
    native = {"lib/x86_64/liba.so": b"", "lib/armeabi-v7a/liba.so": b""}
    return {
        "a_module.apk": apk(
            module, split="voice", permissions=["android.permission.RECORD_AUDIO"], signed=["v2"]
        ),
        "base.apk": apk(signed=["v2"], permissions=["android.permission.INTERNET"]),
        "config.apk": apk(native, split="config.native", signed=["v3"]),
    }


def test_splits_are_one_app(tmp_path: Path) -> None:
    """The base tells the version; permissions, classes, native code and schemes are those of all; base first."""
    (tmp_path / "chat.apks").write_bytes(zipped(splits()))
    found = reader.read(tmp_path / "chat.apks", obtained="pulled from my own phone")
    assert (found.form, found.package, found.version_name) == ("apks", "org.example.chat", "1.2.3")
    assert [(file.name, file.role) for file in found.files] == [
        ("base.apk", "base"),
        ("a_module.apk", "split voice"),
        ("config.apk", "split config.native"),
        ("chat.apks", "archive"),
    ]
    assert found.permissions == ("android.permission.INTERNET", "android.permission.RECORD_AUDIO")
    assert found.abis == ("armeabi-v7a", "x86_64") and found.class_count == 2
    assert [one.schemes for one in found.certificates] == [("v2", "v3")]
    assert found.hosts[0].places == (Place("a_module.apk", "classes.dex", "dex"),)
    assert found.obtained == "pulled from my own phone"


def test_a_folder_and_an_archive_of_the_same_splits_agree(tmp_path: Path) -> None:
    """Only the form and the archive around them differ."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, data in splits().items():
        (folder / name).write_bytes(data)
    (tmp_path / "chat.xapk").write_bytes(zipped(splits()))
    one, other = reader.read(folder), reader.read(tmp_path / "chat.xapk")
    assert (
        one.files == other.files[:-1] and one.hosts == other.hosts and one.certificates == other.certificates
    )


@pytest.mark.parametrize(
    ("entries", "part", "reason"),
    [
        ({"AndroidManifest.xml": b"<manifest package='x'/>"}, "AndroidManifest.xml", "not compiled XML"),
        ({"AndroidManifest.xml": manifest()[:200]}, "AndroidManifest.xml", "androguard could not read it"),
        ({"resources.arsc": b"\x02\x00\x0c\x00junk"}, "resources.arsc", "androguard could not read it"),
        ({"classes2.dex": b"dex\n035\0"}, "classes2.dex", "ends within its header"),
        ({"classes2.dex": b"\0" * 9_000_000}, "classes2.dex", "packed more than 250 times"),
        ({"META-INF/X.RSA": b"none"}, "META-INF/X.RSA", "no PKCS #7 signature"),
        ({"assets/more.apk": b"PK"}, "assets/more.apk", "an archive of its own"),
        ({"assets/a.bundle": HERMES + b"https://a.example.test/"}, "assets/a.bundle", "Hermes bytecode"),
    ],
)
def test_a_part_that_cannot_be_read_stops_no_other(
    tmp_path: Path, entries: dict[str, bytes], part: str, reason: str
) -> None:
    """It is named with its reason, and everything else is there."""
    found = read(tmp_path, apk(entries, signed=["v2"]))
    assert {(one.file, one.part) for one in found.unread if reason in one.reason} == {("chat.apk", part)}
    assert {one.part for one in found.unread} == {part}
    assert len(found.certificates) == 1 and found.class_count == 1
    assert found.package == (None if part == "AndroidManifest.xml" else "org.example.chat")


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ({}, "@7F020000 leads to no file"),
        ({"resources.arsc": table({}, {"nsc": "res/none.xml"})}, "@7F020000 leads to no file"),
        ({"resources.arsc": table({}, {"nsc": CONFIG}), CONFIG: b"junk"}, "androguard could not read it"),
        ({"resources.arsc": table({}, {"nsc": CONFIG}), CONFIG: manifest()}, "its element is <manifest>"),
    ],
)
def test_a_network_security_config_that_cannot_be_read_is_named(
    tmp_path: Path, extra: dict[str, bytes], reason: str
) -> None:
    """What follows from it is then by the target SDK, and the gap is told."""
    flags = {"a:networkSecurityConfig": "@7F020000"}
    found = read(tmp_path, apk(extra | {"AndroidManifest.xml": manifest(application=flags)}))
    assert found.network_security is None and any(reason in one.reason for one in found.unread)
    assert found.version_code == 7


def test_a_config_under_a_shortened_name_is_found(tmp_path: Path) -> None:
    """A shrinker renames files; the resource table says which it is, and no name is guessed."""
    flags = {"a:networkSecurityConfig": "@7F020000"}
    rules = config(Xml("base-config", {"cleartextTrafficPermitted": True}))
    entries = {"resources.arsc": table({}, {"nsc": "res/_x.xml"}), "res/_x.xml": rules}
    found = read(tmp_path, apk(entries | {"AndroidManifest.xml": manifest(application=flags)}))
    assert found.cleartext is True and found.cleartext_because == "base-config of res/_x.xml"


def test_an_apk_with_everything_forged_is_a_partial_result(tmp_path: Path) -> None:
    """Garbage in every place that is parsed: an identity with files, digests and reasons, and no exception."""
    names = ("AndroidManifest.xml", "resources.arsc", "classes.dex", "META-INF/A.RSA", CONFIG)
    found = read(tmp_path, with_block(zipped({name: bytes(range(256)) * 9 for name in names}), ["v2"]))
    assert found.package is None and len(found.unread) >= 4 and len(found.files[0].sha256) == 64


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    """A version of thirty thousand digits, a link with line ends, a package that is a path: shortened, never used."""
    hostile = link("a\nb", "../../x\x1b[31m", exported=True)
    found = read(
        tmp_path, apk({"AndroidManifest.xml": manifest(hostile, package="../../etc", version="9" * 30_000)})
    )
    assert found.package == "../../etc" and found.version_name is not None and len(found.version_name) == 500
    assert found.deep_links[0].scheme == "a\nb"
