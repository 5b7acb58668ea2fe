"""A CA on a stand-in for a device: in every mount namespace, or said not to be; and away without a trace."""

import contextlib
import datetime
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from promptrail.device import ca_store
from promptrail.device.device import Device
from promptrail.errors import DeviceError, InputError
from rigs.android import rom
from rigs.android.namespaces import APEX, STORE, Phone, Shape

FOURTEEN, THIRTEEN, UPDATED = Shape(34, True), Shape(33, False), Shape(33, True)
BROWSER = rom.BROWSER.name


def authority(common: str = "mitmproxy", organisation: str = "mitmproxy") -> bytes:
    """A CA with a key of its own, as PEM; mitmproxy's own name by default, in mitmproxy's order."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
        ]
    )
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(BORN).not_valid_after(BORN.replace(year=BORN.year + 20))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


BORN = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
IMAGE = (authority("Some Root", "Somebody"), authority("Other Root", "Somebody else"), authority())
"""What the device trusts from the beginning; the last has the name of the CA that comes."""


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    file.write_bytes(authority())
    return file


@contextlib.contextmanager
def device(shape: Shape = FOURTEEN) -> Iterator[tuple[Phone, Device]]:
    """A device on which an app runs already."""
    with Phone(shape, IMAGE) as phone, phone.adbd() as adbd:
        phone.run("am start -W -n " + BROWSER + "/.Main")
        yield phone, adbd.device()


def seen(phone: Phone) -> dict[str, object]:
    """What each namespace shows: its mounts, and every file of the stores with mode, owner and digest."""
    found: dict[str, object] = {}
    for pid in phone.processes():
        with contextlib.suppress(FileNotFoundError):  # it has ended
            space = os.readlink(f"/proc/{pid}/ns/mnt")
            if space in found:
                continue
            mounts = Path(f"/proc/{pid}/mounts").read_text()
            found[space] = mounts, {store: tree(Path(f"/proc/{pid}/root{store}")) for store in (STORE, APEX)}
    found["left behind"] = sorted(os.listdir(phone.file("/data/local/tmp")))
    return found


def tree(folder: Path) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for file in [folder, *sorted(folder.rglob("*"))] if folder.exists() else []:
        is_, content = file.lstat(), file.read_bytes() if file.is_file() else b""
        digest = hashlib.sha256(content).hexdigest()
        rows.append((file.name, stat.filemode(is_.st_mode), is_.st_uid, is_.st_gid, is_.st_mtime_ns, digest))
    return rows


@pytest.mark.rig
@pytest.mark.parametrize(
    ("shape", "store", "namespaces"),
    [(FOURTEEN, APEX, 3), (UPDATED, APEX, 3), (THIRTEEN, STORE, 4)],
    ids=["14", "13 with an update", "13"],
)
def test_trusted_in_every_namespace(ca: Path, shape: Shape, store: str, namespaces: int) -> None:
    """The store that counts is told by its folder; init's, the zygote's and a running app's namespace all show the CA.

    The services that start before the APEXes have no APEX store, which is no failure; on 13 they see the system's.
    """
    with device(shape) as (phone, there):
        state = ca_store.install(there, ca)
        assert (state.store, state.namespaces, state.failed) == (store, namespaces, 0), state
        assert state.everywhere and ca_store.installed(there, ca) == state
        for process in ("zygote64", BROWSER):
            file = Path(f"/proc/{phone.pid(process)}/root{store}/{state.name}")
            assert file.read_bytes() == ca.read_bytes() and file.stat().st_mode & 0o777 == 0o644
        assert f"in {namespaces} mount namespaces." in str(state)


@pytest.mark.rig
def test_a_device_on_which_the_store_may_not_be_enough(ca: Path) -> None:
    """From Android 16 on the sentence warns of Certificate Transparency, on the device's own word."""
    with device(Shape(36)) as (_, there):
        state = ca_store.install(there, ca)
        assert state.everywhere and "Certificate Transparency" in str(state)


@pytest.mark.rig
@pytest.mark.parametrize("shape", [FOURTEEN, THIRTEEN], ids=["14", "13"])
def test_nothing_of_it_remains(ca: Path, shape: Shape) -> None:
    """Bytes, modes, owners, times and mounts of every namespace are afterwards what they were before."""
    with device(shape) as (phone, there):
        before = seen(phone)
        assert len(before) >= 4
        ca_store.install(there, ca)
        assert seen(phone) != before
        removed = ca_store.remove(there)
        assert seen(phone) == before and not removed.left
        assert ca_store.installed(there, ca).name is None


@pytest.mark.rig
def test_again_changes_nothing(ca: Path) -> None:
    """A second install finds all in place, and one remove undoes both; so does a remove where nothing was installed."""
    with device() as (phone, there):
        before = seen(phone)
        assert not ca_store.remove(there).left and seen(phone) == before
        first = ca_store.install(there, ca)
        after = seen(phone)
        assert ca_store.install(there, ca) == first and seen(phone) == after
        ca_store.remove(there)
        assert seen(phone) == before


@pytest.mark.rig
def test_one_name_for_many(ca: Path, tmp_path: Path) -> None:
    """mitmproxy's CAs share one subject: each gets a name of its own, is told by its fingerprint, and covers none."""
    other = tmp_path / "other.pem"
    other.write_bytes(authority())
    with device() as (phone, there):
        names = [ca_store.install(there, file).name for file in (ca, other, ca)]
        assert names == ["c8750f0d.1", "c8750f0d.2", "c8750f0d.1"]
        shown = Path(f"/proc/{phone.pid(BROWSER)}/root{APEX}")
        assert (shown / "c8750f0d.0").read_bytes() == IMAGE[2]
        assert len(list(shown.iterdir())) == len(IMAGE) + 2


@pytest.mark.rig
def test_an_app_that_starts_later(ca: Path) -> None:
    """What the zygote starts after the install inherits the store."""
    with device() as (phone, there):
        ca_store.install(there, ca)
        phone.run(f"am force-stop {BROWSER}; am start -W -n {BROWSER}/.Main")
        assert ca_store.installed(there, ca).everywhere


@pytest.mark.rig
@pytest.mark.parametrize("apex", [True, False])
def test_mounts_that_do_not_reach_the_apps(ca: Path, apex: bool) -> None:
    """Where the zygote's mounts do not follow init's, the apps are said to refuse the proxy, and what to do."""
    with device(Shape(34 if apex else 33, apex, propagation="private")) as (phone, there):
        before = seen(phone)
        state = ca_store.install(there, ca)
        assert not state.everywhere and state.failed == 2
        assert {place.process for place in state.without} == {"zygote64", BROWSER}
        assert "am force-stop" in str(state) and BROWSER in str(state)
        assert not ca_store.remove(there).left
        assert seen(phone) == before


@pytest.mark.rig
def test_no_root(ca: Path) -> None:
    """Without root nothing is done, and the sentence says which device would do."""
    user = {"rooted": False, "user_build": True, "unrooted": ["setpriv", "--reuid=2000", "--"]}
    with Phone(FOURTEEN, IMAGE) as phone, phone.adbd(**user) as adbd:
        before = seen(phone)
        with pytest.raises(DeviceError, match="google_apis"):
            ca_store.install(adbd.device(), ca)
        assert seen(phone) == before


@pytest.mark.rig
def test_a_store_that_cannot_be_copied(ca: Path) -> None:
    """A disk without room leaves the device as it was: the store is covered only by a whole copy."""
    with device() as (phone, there):
        phone.run("touch /data/local/tmp/promptrail-ca.area")  # a folder cannot be made there
        before = seen(phone)
        with pytest.raises(DeviceError, match="no tmpfs could be mounted"):
            ca_store.install(there, ca)
        assert seen(phone) == before


@pytest.mark.parametrize(
    ("common", "organisation", "name"),
    [
        ("mitmproxy", "mitmproxy", "c8750f0d"),
        ("Root 273", "Padded", "00251465"),
        ("한국 CA", "기관", "037f6015"),
    ],
)
def test_the_name_of_a_certificate(common: str, organisation: str, name: str) -> None:
    """It is what `openssl x509 -subject_hash_old` prints, with its leading zeros."""
    assert ca_store.subject_hash_old(authority(common, organisation)) == name


def test_not_a_certificate() -> None:
    """A file that is none is refused before anything is done to a device."""
    with pytest.raises(InputError, match="no certificate"):
        ca_store.fingerprint(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")


ASKS = b'<network-security-config><base-config><certificateTransparency enabled="true"/></base-config>'


@pytest.mark.parametrize(
    ("sdk", "target", "config", "says"),
    [
        (35, 37, ASKS, None),
        (36, 35, ASKS, "config asks for"),
        (36, 37, b"<x/>", None),
        (37, 37, b"<x/>", "default"),
        (37, 36, b"<x/>", None),
        (36, None, None, "not known"),
    ],
)
def test_certificate_transparency(
    sdk: int, target: int | None, config: bytes | None, says: str | None
) -> None:
    """It is told where it may refuse a CA that is in the store, and not where it cannot."""
    told = ca_store.transparency(sdk, target, config)
    assert (told is None) if says is None else (told and says in told and "SDK 35" in told)
