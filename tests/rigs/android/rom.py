"""What the stand-in's image holds: SDK, certificates and packages in, the folders that boot.sh copies out."""

import hashlib
import shutil
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

STUBS = Path(__file__).with_name("stubs")
PASSWD = "root:x:0:0::/data:/system/bin/sh\nshell:x:2000:2000::/data:/system/bin/sh\n"


class Package(NamedTuple):
    """An app: `command` is the bash that becomes it, $0 being its package."""

    name: str
    command: str
    version: str = "1.0.0"
    files: tuple[tuple[str, bytes], ...] = ()
    """(path below its data folder, bytes)."""


BROWSER = Package("test.promptrail.browser", 'exec -a "$0" bash /system/bin/browser "$0"')


class Image(NamedTuple):
    sdk: int
    apex: bool
    hosts: Sequence[tuple[str, str]]
    authorities: Sequence[bytes]
    packages: Sequence[Package]

    def write(self, folder: Path) -> None:
        etc, system, data = folder / "etc", folder / "system", folder / "data"
        for one in (etc, system, data / "system"):
            one.mkdir(parents=True)
        (etc / "passwd").write_text(PASSWD)
        (etc / "nsswitch.conf").write_text("hosts: files\n")
        names = [("localhost", "127.0.0.1"), ("localhost", "::1"), *self.hosts]
        (etc / "hosts").write_text("".join(f"{address} {name}\n" for name, address in names))
        shutil.copytree(STUBS, system / "bin")
        for program in (system / "bin").iterdir():
            program.chmod(0o755)
        (system / "screen.png").write_bytes(picture(4, 8))
        (system / "build.prop").write_text(self._properties())
        self._store(system / "etc" / "security" / "cacerts")
        (folder / "apex").mkdir()
        if self.apex:
            self._store(folder / "apex" / "cacerts")
        (data / "system" / "browser").write_text(BROWSER.name)
        for package in self.packages:
            self._install(data, package)

    def _properties(self) -> str:
        release = {36: "16", 35: "15", 34: "14", 33: "13", 30: "11", 28: "9"}.get(self.sdk, "12")
        known = {
            "ro.build.version.sdk": str(self.sdk),
            "ro.build.version.release": release,
            "ro.build.fingerprint": f"promptrail/stand-in/stand-in:{release}/SIM/1:userdebug/test-keys",
            "ro.product.manufacturer": "promptrail",
            "ro.product.model": "SIM-8",
            "ro.product.device": "stand-in",
            "ro.product.cpu.abi": "x86_64",
            "ro.product.cpu.abilist": "x86_64,arm64-v8a",
            "ro.serialno": "SIM0000008",
            "sys.boot_completed": "1",
            "dev.bootcomplete": "1",
        }
        return "# A stand-in for a phone, in namespaces: no Android.\n" + "".join(
            f"{name}={value}\n" for name, value in known.items()
        )

    def _store(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        for number, pem in enumerate(self.authorities):
            name = subject_hash_old(pem)
            taken = sum(1 for _ in folder.glob(f"{name}.*"))
            (folder / f"{name}.{taken}").write_bytes(pem)
            (folder / f"{name}.{taken}").chmod(
                0o644 if number else 0o444
            )  # whoever restores must restore this, too

    def _install(self, data: Path, package: Package) -> None:
        home, own = data / "app" / package.name, data / "data" / package.name
        home.mkdir(parents=True)
        own.mkdir(parents=True)
        (home / "command").write_text(package.command + "\n")
        (home / "base.apk").write_bytes(b"PK\x05\x06" + bytes(18))
        (home / "about").write_text(
            f"versionCode=1 minSdk=24 targetSdk=34\nversionName={package.version}\ninstallerPackageName=null\n"
        )
        for path, content in package.files:
            (own / path).parent.mkdir(parents=True, exist_ok=True)
            (own / path).write_bytes(content)


def subject_hash_old(pem: bytes) -> str:
    """The name that OpenSSL 0.9.8 gave a certificate, here by `cryptography`; the tests hold it against openssl's."""
    from cryptography import x509

    subject = x509.load_pem_x509_certificate(pem).subject.public_bytes()
    return f"{struct.unpack('<I', hashlib.md5(subject).digest()[:4])[0]:08x}"


def picture(width: int, height: int) -> bytes:
    """A grey PNG."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
