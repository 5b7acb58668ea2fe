"""Android packages for tests, made of text: what is asked for in, an .apk's bytes out. The companies are invented."""

import datetime
import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from apk.compiled_files import Xml, compiled_xml, table
from apk.dex_files import dex_file

PACKAGE = "org.example.chat"
SCHEMES = {"v2": 0x7109871A, "v3": 0xF05368C0}
CONFIG = "res/xml/a.xml"


def manifest(
    *children: Xml,
    package: str = PACKAGE,
    version: str = "1.2.3",
    code: int = 7,
    sdk: tuple[int, int] = (24, 29),
    permissions: Sequence[str] = (),
    application: Mapping[str, str | int | bool] | None = None,
    split: str | None = None,
) -> bytes:
    """A compiled manifest; `children` lie in its application."""
    head: dict[str, str | int | bool] = {"package": package, "a:versionCode": code}
    head |= {"split": split} if split else {"a:versionName": version}
    parts = [Xml("uses-sdk", {"a:minSdkVersion": sdk[0], "a:targetSdkVersion": sdk[1]})]
    parts += [Xml("uses-permission", {"a:name": name}) for name in permissions]
    return compiled_xml(Xml("manifest", head, [*parts, Xml("application", application or {}, children)]))


def link(scheme: str, host: str, verified: bool = False, **activity: bool) -> Xml:
    """An activity that a page's links can open."""
    data = Xml("data", {"a:scheme": scheme, "a:host": host})
    action = Xml("action", {"a:name": "android.intent.action.VIEW"})
    category = Xml("category", {"a:name": "android.intent.category.BROWSABLE"})
    attributes = {"a:name": ".Open", **{f"a:{key}": value for key, value in activity.items()}}
    filter_ = Xml("intent-filter", {"a:autoVerify": verified}, [action, category, data])
    return Xml("activity", attributes, [filter_])


def config(*children: Xml) -> bytes:
    """A compiled network security config."""
    return compiled_xml(Xml("network-security-config", {}, children))


def zipped(entries: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP file with these entries, in this order and at a fixed time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, compression)
    return out.getvalue()


def apk(entries: Mapping[str, bytes] | None = None, *, signed: Sequence[str] = (), **more: Any) -> bytes:
    """A package with a manifest (`more` goes to it), a class, and these entries; signed in these schemes."""
    whole = {
        "AndroidManifest.xml": manifest(**more),
        "classes.dex": dex_file(classes=["Lorg/example/chat/Main;"]),
    }
    whole |= entries or {}
    if "v1" in signed:
        whole["META-INF/CERT.RSA"] = pkcs7_signature()
    return with_block(zipped(whole), [scheme for scheme in signed if scheme != "v1"])


def chat() -> bytes:
    """A package that has something of everything that is read."""
    pins = Xml("pin-set", {"expiration": "2030-01-01"}, [Xml("pin", {"digest": "SHA-256"}, text="AAAA=")])
    domain = Xml("domain", {"includeSubdomains": True}, text="chat.example.test")
    anchors = Xml("trust-anchors", {}, [Xml("certificates", {"src": "system"})])
    classes = ["Lorg/example/chat/Main;", "Lcom/google/firebase/analytics/FirebaseAnalytics;"]
    strings = {
        "google_app_id": "1:123:android:abc",
        "project_id": "chat-example",
        "help": "https://help.example.test/",
    }
    return apk(
        {
            "AndroidManifest.xml": manifest(
                link("chat", "open.example.test", verified=True, exported=True),
                permissions=["android.permission.RECORD_AUDIO", "android.permission.INTERNET"],
                application={"a:networkSecurityConfig": "@7F020000", "a:debuggable": False},
            ),
            "resources.arsc": table(strings, {"nsc": CONFIG}),
            CONFIG: config(
                Xml("base-config", {"cleartextTrafficPermitted": False}, [anchors]),
                Xml("domain-config", {}, [domain, pins, Xml("certificateTransparency", {"enabled": True})]),
            ),
            "classes.dex": dex_file(["https://api.example.test/v1/chat"], classes),
            "classes2.dex": dex_file(["events.vendor.example.net"], ["Lorg/example/chat/More;"], version=37),
            "assets/index.html": b"<script src='https://cdn.example.test/a.js'></script>",
            "lib/arm64-v8a/libchat.so": b"\x7fELF\0native.example.com\0wss://live.example.test/s\0",
        },
        signed=["v1", "v2", "v3"],
    )


@cache
def signer(name: str = "Test fixture", issuer: str | None = None) -> tuple[Any, x509.Certificate]:
    """A key and its certificate, signed by itself or by another's key."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    above_key, above = (key, subject) if issuer is None else (signer(issuer)[0], signer(issuer)[1].subject)
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(above).public_key(key.public_key())
    builder = builder.serial_number(4711 if issuer is None else 4712).not_valid_before(start)
    one = builder.not_valid_after(start + datetime.timedelta(days=9999)).sign(above_key, hashes.SHA256())
    return key, one


def certificate() -> bytes:
    return signer()[1].public_bytes(Encoding.DER)


def pkcs7_signature(issuer: str | None = None) -> bytes:
    """As JAR signing puts it into META-INF: certificates beside a signature over what would be CERT.SF."""
    key, one = signer("Test fixture", issuer) if issuer else signer()
    builder = pkcs7.PKCS7SignatureBuilder().set_data(b"Signature-Version: 1.0\r\n")
    builder = builder.add_signer(one, key, hashes.SHA256())
    if issuer:
        builder = builder.add_certificate(signer(issuer)[1])
    return builder.sign(
        Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.NoCapabilities]
    )


def prefixed(*parts: bytes) -> bytes:
    return b"".join(struct.pack("<I", len(part)) + part for part in parts)


def with_block(package: bytes, schemes: Sequence[str]) -> bytes:
    """A ZIP file with an APK Signing Block whose signers have a certificate, and no signature that would hold."""
    if not schemes:
        return package
    signed = prefixed(b"", prefixed(certificate()), b"")
    value = prefixed(prefixed(prefixed(signed, b"", b"")))
    pairs = b"".join(struct.pack("<QI", 4 + len(value), SCHEMES[one]) + value for one in schemes)
    size = struct.pack("<Q", len(pairs) + 24)
    block = size + pairs + size + b"APK Sig Block 42"
    end = package.rindex(b"PK\x05\x06")
    (directory,) = struct.unpack_from("<I", package, end + 16)
    moved = package[end : end + 16] + struct.pack("<I", directory + len(block)) + package[end + 20 :]
    return package[:directory] + block + package[directory:end] + moved
