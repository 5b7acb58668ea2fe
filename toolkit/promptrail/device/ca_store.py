"""The system's certificate store of a device: a CA in, in which mount namespaces it is trusted out, and back to before.

    state = install(device, proxy.ca)      # needs root; nothing of it survives a restart of the device
    remove(device)

On Android 7 to 13 the store is a folder of /system, on 14 and later the Conscrypt APEX's, in each app's own mount
namespace. Which one is told by the folder that has certificates, since an update can bring the APEX's to Android 13
(AOSP, SystemCertificateSource). The work is done by inject_ca.sh and remove_ca.sh, which can also be run by hand.
"""

import hashlib
import re
from importlib import resources
from pathlib import Path
from shlex import quote
from typing import Literal, NamedTuple

from promptrail.device.device import Device
from promptrail.errors import DeviceError, InputError

THERE = "/data/local/tmp"
STORES = ("/apex/com.android.conscrypt/cacerts", "/system/etc/security/cacerts")
"""The first that holds certificates is the one that counts."""
WALK = 120.0
"""Seconds for a script; a phone has some hundred namespaces, each a few programs long."""
CT_SDK, CT_TARGET = 36, 37
"""Android 16 lets an app ask for Certificate Transparency, Android 17 makes it the default for its own apps."""
CT_ASKED = re.compile(rb"<certificateTransparency\s[^>]*enabled\s*=\s*[\"']true[\"']")
LINE = re.compile(r"(shown|failed|without|clean|left) (\d+) ?(\S*) ?(.*)")


class Place(NamedTuple):
    """One mount namespace, by a process in it."""

    state: Literal["shown", "failed", "without", "clean", "left"]
    pid: int
    process: str
    why: str


class Installed(NamedTuple):
    """Where a certificate is trusted. `name` is None if the store has it under none."""

    store: str
    name: str | None
    fingerprint: str
    """SHA-256 of the DER, hexadecimal."""
    places: tuple[Place, ...]
    transparency: str | None
    """Why an app may refuse the certificate all the same."""

    @property
    def namespaces(self) -> int:
        return sum(place.state == "shown" for place in self.places)

    @property
    def failed(self) -> int:
        return len(self.without)

    @property
    def without(self) -> tuple[Place, ...]:
        """The namespaces that have the store, and not the certificate in it."""
        return tuple(place for place in self.places if place.state == "failed")

    @property
    def everywhere(self) -> bool:
        return self.namespaces > 0 and not self.failed

    def __str__(self) -> str:
        """The sentence for a person: what is so, and what to do if it is not enough."""
        known = f"The CA {self.fingerprint[:16]}…"
        if not self.namespaces:
            return f"{known} is not in {self.store} of this device. Install it: promptrail.device.ca_store.install."
        sentence = f"{known} is in {self.store} as {self.name}, in {self.namespaces} mount namespaces"
        if not self.failed:
            return f"{sentence}. {self.transparency or ''}".strip()
        return (
            f"{sentence}, and not in {self.failed}: {_told(self.without)}. These would refuse the proxy. End the apps "
            "among them (`adb shell am force-stop NAME`) and start them again; for a zygote restart Android (`adb "
            "shell stop; adb shell start`) and install the CA again; with Magisk, root must be `su -mm` (mount master)."
        )


class Removed(NamedTuple):
    places: tuple[Place, ...]

    @property
    def left(self) -> tuple[Place, ...]:
        return tuple(place for place in self.places if place.state == "left")

    def __str__(self) -> str:
        if not self.left:
            return f"The stores are as they were, in {len(self.places)} mount namespaces."
        return (
            f"In {len(self.left)} of {len(self.places)} mount namespaces the CA is still trusted: {_told(self.left)}. "
            "Restart the device: nothing of it survives that."
        )


def install(device: Device, certificate: Path) -> Installed:
    """Make the device trust this CA (PEM), for every app; what is so already stays. DeviceError if nothing was done."""
    pem = certificate.read_bytes()
    name = _found(device, pem)[1] or _free(device, pem)
    return _walk(device, pem, name, "")


def installed(device: Device, certificate: Path) -> Installed:
    """Whether the device trusts this CA, and in which namespaces; nothing is changed."""
    pem = certificate.read_bytes()
    store, name = _found(device, pem)
    if name is None:
        return Installed(store, None, fingerprint(pem), (), transparency(_sdk(device)))
    return _walk(device, pem, name, "check")


def remove(device: Device) -> Removed:
    """Uncover the stores in every namespace: bytes, modes, owners and mounts are as before the first `install`."""
    return Removed(_places(_run(device, "remove_ca.sh")))


def subject_hash_old(pem: bytes) -> str:
    """The name by which Android finds a certificate: MD5 of the subject's DER, four bytes, little-endian.

    It is X509_NAME_hash_old of OpenSSL, eight digits even where the first is 0.
    """
    from cryptography import x509

    subject = x509.load_pem_x509_certificate(pem).subject.public_bytes()
    digest = hashlib.md5(subject, usedforsecurity=False).digest()
    return f"{int.from_bytes(digest[:4], 'little'):08x}"


def fingerprint(pem: bytes) -> str:
    """SHA-256 of the certificate itself: all of mitmproxy's CAs have one name, and each case has its own key."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        return x509.load_pem_x509_certificate(pem).fingerprint(SHA256()).hex()
    except ValueError as e:
        raise InputError(f"this is no certificate in PEM form: {e}") from None


def transparency(sdk: int, target_sdk: int | None = None, security_config: bytes | None = None) -> str | None:
    """Why Certificate Transparency may refuse a CA that is in the store; None where it is not known to.

    `target_sdk` and `security_config` (the network security config as text) are the app's, if known.
    """
    if sdk < CT_SDK:
        return None
    if security_config and CT_ASKED.search(security_config):
        who = "The app's network security config asks for Certificate Transparency"
    elif target_sdk is not None and target_sdk >= CT_TARGET and sdk >= CT_TARGET:
        who = f"Certificate Transparency is the default for an app of target SDK {target_sdk} here"
    elif security_config is not None and target_sdk is not None:
        return None
    else:
        who = f"SDK {sdk} lets an app ask for Certificate Transparency, and it is not known whether this one does"
    return f"{who}: a CA in the store is not enough then. Use a device of SDK {CT_SDK - 1} or less, or the hooks."


def _walk(device: Device, pem: bytes, name: str, check: str) -> Installed:
    there = f"{THERE}/promptrail-ca.pem"
    device.write(there, pem)
    try:
        said = _run(device, "inject_ca.sh", there, name, *([check] if check else []))
    finally:
        device.shell(f"rm -f {there}")
    store = re.search(r"^store (\S+)$", said, re.MULTILINE)
    assert store, said  # _run has seen the end
    return Installed(store[1], name, fingerprint(pem), _places(said), transparency(_sdk(device)))


def _run(device: Device, script: str, *arguments: str) -> str:
    """One of our scripts on the device as root; what it said, to its end."""
    there = f"{THERE}/promptrail-{script}"
    device.write(there, resources.files("promptrail.device").joinpath(script).read_bytes())
    try:
        answer = device.as_root(
            f"sh {there} {' '.join(map(quote, arguments))}".strip(), timeout=WALK, check=False
        )
    finally:
        device.shell(f"rm -f {there}")
    if answer.code or not answer.text.endswith("end"):
        said = re.sub(r"^refused ", "", answer.said.strip(), flags=re.MULTILINE) or "nothing"
        raise DeviceError(
            f"The CA store of {device.serial} was not changed as asked; {script} said: {said[-400:]}. It needs root "
            "that may mount (an emulator image of the kind google_apis; with Magisk `su -mm`).",
            answer.said,
        )
    return answer.text


def _places(said: str) -> tuple[Place, ...]:
    found = (LINE.fullmatch(line) for line in said.splitlines())
    return tuple(Place(one[1], int(one[2]), one[3], one[4]) for one in found if one)  # type: ignore[arg-type]


def _found(device: Device, pem: bytes) -> tuple[str, str | None]:
    """The store that counts, and the name under which it has this certificate."""
    wanted = fingerprint(pem)
    for store in STORES:
        if device.shell(f"ls {store}", check=False).text:
            break
    for name in _names(device, store, subject_hash_old(pem)):
        try:
            if fingerprint(device.read(f"{store}/{name}")) == wanted:
                return store, name
        except InputError:
            continue  # somebody else's file; its name is taken all the same
    return store, None


def _free(device: Device, pem: bytes) -> str:
    """The first name that no store has: HASH.0, or HASH.1 where another CA has the same subject, and so on."""
    wanted = subject_hash_old(pem)
    taken = {name for store in STORES for name in _names(device, store, wanted)}
    return next(name for n in range(len(taken) + 1) if (name := f"{wanted}.{n}") not in taken)


def _names(device: Device, store: str, wanted: str) -> list[str]:
    listed = device.shell(f"ls {store}", check=False).text.split()
    return sorted(name for name in listed if re.fullmatch(rf"{wanted}\.\d+", name))


def _sdk(device: Device) -> int:
    known = device.properties().get("ro.build.version.sdk", "")
    return int(known) if known.isdigit() else 0


def _told(places: tuple[Place, ...]) -> str:
    listed = [f"{p.process or 'a process'} (pid {p.pid}{': ' + p.why if p.why else ''})" for p in places[:6]]
    return ", ".join([*listed, *([f"and {len(places) - 6} more"] if len(places) > 6 else [])])
