"""The packages of the lab's builds, as `promptrail apk` would have described them: simulated, there is no such file.

Which kits are in a package follows from the build's channels, and one kit is there that nothing ever calls.
"""

import hashlib

from promptrail.apk.identity import SCHEMA, Certificate, Identity, PackageFile, Sdk
from promptrail.apk.kept import keep
from promptrail.case import Case
from promptrail.lab.builds import BUILDS, Build
from promptrail.lab.channels.channel import Channel
from promptrail.lab.channels.collect import Collect
from promptrail.lab.channels.fingerprint import Fingerprint
from promptrail.lab.channels.help_desk import HelpDesk
from promptrail.lab.channels.pinned import Pinned
from promptrail.lab.channels.telemetry import Telemetry
from promptrail.lab.world import AS_OF, CASE, SOURCE

FORM = "simulated package"


def _kit(name: str, vendor: str, purpose: str, classes: tuple[str, ...], host: str) -> Sdk:
    return Sdk(
        id=name.lower().replace(" ", "-"),
        name=name,
        vendor=vendor,
        purpose=purpose,
        hosts=(host,),
        classes=classes,
        class_count=40 * len(classes),
        entries=(),
        hosts_found=(),
        list="lab",
        source=SOURCE,
        as_of=AS_OF,
    )


ANALYTICS = _kit(
    "Brightmoor Insight", "Brightmoor Cloud", "analytics", ("test.brightmoor.insight",), "brightmoor.test"
)
PRINT = _kit("Quillmark Kit", "Quillmark", "device fingerprint", ("FingerprintKit",), "quillmark.example")
DESK = _kit("Tidedesk Messenger", "Tidedesk", "help desk", ("example.tidedesk.chat",), "tidedesk.example")
IDLE = _kit("Lanternfish Surveys", "Lanternfish", "surveys", ("example.lanternfish",), "lanternfish.example")
"""In every package, and never called."""
KITS: dict[type[Channel], Sdk] = {
    Telemetry: ANALYTICS,
    Collect: ANALYTICS,
    Fingerprint: PRINT,
    Pinned: PRINT,
    HelpDesk: DESK,
}


def kits(build: Build) -> tuple[Sdk, ...]:
    """The kits in a build's package, each once."""
    found = [kit for channel in build.channels for kind, kit in KITS.items() if issubclass(channel, kind)]
    return tuple(dict.fromkeys([*found, IDLE]))


def package(release: str) -> Identity:
    """One build's package, described."""
    build = BUILDS[release]
    app = CASE["app"]
    assert isinstance(app, dict)
    name = f"parley-{build.version}.apk"
    # A digest of what the description says: no file stands behind it.
    digest = hashlib.sha256(f"SIMULATED {name} {build}".encode()).hexdigest()
    major, minor, patch = map(int, build.version.split("."))
    return Identity(
        schema=SCHEMA,
        form=FORM,
        obtained="made by the lab; there is no such file",
        files=(PackageFile(name, "base", 0, digest),),
        package=app["package"],
        version_name=build.version,
        version_code=major * 10_000 + minor * 100 + patch,
        min_sdk=28,
        target_sdk=35,
        certificates=(Certificate(hashlib.sha256(b"SIMULATED").hexdigest(), "CN=SIMULATED", ("v2",)),),
        permissions=("android.permission.INTERNET",),
        debuggable=False,
        cleartext=False,
        cleartext_because="simulated",
        user_certificates_trusted=False,
        network_security=None,
        deep_links=(),
        abis=(),
        frameworks=(),
        google={},
        sdks=kits(build),
        hosts=(),
        class_count=1200,
        unread=(),
    )


def place(case: Case, releases: tuple[str, ...]) -> None:
    """Keep the packages of these builds in the case."""
    for release in releases:
        keep(case, package(release))
