"""What an app declares: manifests, resource tables and the network security config of its packages in, records out.

The base is the package whose manifest names no split. Its resource table says what references stand for. What
cannot be read is named in the budget, and the rest goes on without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from promptrail.apk.archive import Archive, Budget, Unreadable
from promptrail.apk.compiled import Compiled, Element
from promptrail.apk.container import MANIFEST, Package
from promptrail.apk.identity import NetworkSecurity
from promptrail.apk.limits import COMPILED
from promptrail.apk.manifest import Manifest, manifest
from promptrail.apk.network_security import network_security
from promptrail.errors import InputError

TABLE = "resources.arsc"
GOOGLE = (
    "google_app_id",
    "project_id",
    "gcm_defaultSenderId",
    "firebase_database_url",
    "google_storage_bucket",
)
"""The string resources that Google's services plugin makes of google-services.json; the API key is left out."""


@dataclass(slots=True)
class Declared:
    """What was declared. `manifests` are in the order of the packages; `base` is the number of the base's."""

    manifests: list[Manifest] = field(default_factory=list)
    base: int = 0
    config: NetworkSecurity | None = None
    google: dict[str, str] = field(default_factory=dict)
    strings: list[tuple[Archive, list[str]]] = field(default_factory=list)
    """The strings of each package's resource table that have a dot in them."""
    attributes: list[tuple[Archive, list[str]]] = field(default_factory=list)
    """The attributes' values of each package's manifest."""


def declared(packages: Sequence[Package], compiled: Compiled, budget: Budget) -> Declared:
    """What the packages declare, as far as it can be read."""
    out = Declared()
    roots = [_root(package.archive, compiled, budget) for package in packages]
    out.base = next((n for n, root in enumerate(roots) if "split" not in root.attributes and root.tag), 0)
    for package, root in zip(packages, roots, strict=True):
        out.attributes.append((package.archive, [v for one in root.walk() for v in one.attributes.values()]))
        out.strings.append((package.archive, _strings(package.archive, compiled, budget)))
    base = packages[out.base].archive
    table = _load(base, compiled, budget)
    resolve = _Resolve(base, compiled, budget) if table else _left
    for n, root in enumerate(roots):
        out.manifests.append(manifest(root, resolve if n == out.base else _left))
    if reference := out.manifests[out.base].network_security_config:
        out.config = _config(reference, resolve(reference), packages, compiled, budget)
    if table:
        try:
            out.google = compiled.named(GOOGLE)
        except Unreadable as fault:
            budget.missing(base.name, TABLE, str(fault))
    return out


class _Resolve:
    """What a reference stands for; one that cannot be resolved is named, and stands for nothing."""

    def __init__(self, archive: Archive, compiled: Compiled, budget: Budget) -> None:
        self.archive, self.compiled, self.budget = archive, compiled, budget

    def __call__(self, text: str | None) -> str | None:
        try:
            return self.compiled.value(text)
        except Unreadable as fault:
            self.budget.missing(self.archive.name, f"resource {text}", str(fault))
            return None


def _left(text: str | None) -> str | None:
    """Without a table: a reference stands for nothing."""
    return None if text is None or text.startswith("@") else text


def _root(archive: Archive, compiled: Compiled, budget: Budget) -> Element:
    """The manifest's root; one without a tag where it cannot be read."""
    if MANIFEST in archive:
        data = archive.found(MANIFEST, COMPILED)
        try:
            return compiled.xml(data) if data is not None else Element("", {})
        except Unreadable as fault:
            budget.missing(archive.name, MANIFEST, str(fault))
    else:
        budget.missing(archive.name, MANIFEST, "is not there")
    return Element("", {})


def _strings(archive: Archive, compiled: Compiled, budget: Budget) -> list[str]:
    data = archive.found(TABLE, COMPILED) if TABLE in archive else None
    try:
        return compiled.strings(data) if data is not None else []
    except Unreadable as fault:
        budget.missing(archive.name, TABLE, str(fault))
        return []


def _load(archive: Archive, compiled: Compiled, budget: Budget) -> bool:
    data = archive.found(TABLE, COMPILED) if TABLE in archive else None
    try:
        if data is not None:
            compiled.load(data)
        return data is not None
    except Unreadable as fault:
        budget.missing(archive.name, TABLE, str(fault))
        return False


def _config(
    reference: str, name: str | None, packages: Sequence[Package], compiled: Compiled, budget: Budget
) -> NetworkSecurity | None:
    """The network security config: the file that its reference stands for, wherever a shrinker put it."""
    archive = next((p.archive for p in packages if name is not None and name in p.archive), None)
    if archive is None or name is None:
        budget.missing(packages[0].name, "network security config", f"{reference} leads to no file")
        return None
    data = archive.found(name, COMPILED)
    try:
        return network_security(compiled.xml(data), archive.name, name) if data is not None else None
    except (Unreadable, InputError) as fault:
        budget.missing(archive.name, name, str(fault))
        return None
