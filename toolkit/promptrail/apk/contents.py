"""What lies in the package files of one app, but for its compiled XML: entries in, classes, hosts, native ABIs out."""

import re
from dataclasses import dataclass, field

from promptrail.apk import dex
from promptrail.apk.archive import Archive
from promptrail.apk.declared import Declared
from promptrail.apk.frameworks import WEBVIEW_CALLS
from promptrail.apk.hosts import Hosts
from promptrail.apk.identity import Place
from promptrail.apk.limits import ADDRESSES, DOTS, ENTRIES, HOSTS

LIBRARY = re.compile(r"lib/([\w.-]{1,40})/[^/]+\.so\Z")
COMPILED = re.compile(r"(?:res/(?!raw/)|META-INF/|AndroidManifest\.xml\Z|resources\.arsc\Z)")
"""Entries that are read elsewhere or hold nothing of the app's own."""
MEDIA = (
    *(".png", ".webp", ".jpg", ".jpeg", ".gif", ".heic", ".svgz", ".ico", ".ttf", ".otf", ".woff", ".woff2"),
    *(".mp3", ".mp4", ".m4a", ".aac", ".ogg", ".opus", ".wav", ".webm", ".riv", ".glb"),
)
NESTED = (".zip", ".jar", ".apk", ".aar", ".gz", ".xz", ".7z", ".br")
HERMES = b"\xc6\x1f\xbc\x03\xc1\x03\x19\x1f"
"""The first bytes of Hermes bytecode (BytecodeFileFormat.h of the Hermes engine), which joins strings without ends."""


@dataclass(slots=True)
class Contents:
    """Gathered over all package files. `classes`: descriptor to the entry that defines it."""

    classes: dict[str, str] = field(default_factory=dict)
    types: set[str] = field(default_factory=set)
    entries: set[str] = field(default_factory=set)
    abis: set[str] = field(default_factory=set)
    loads_pages: bool = False
    hosts: Hosts = field(default_factory=Hosts)

    def add(self, archive: Archive) -> None:
        """Look through one package file."""
        self.entries.update(archive.names)
        for name in archive.names:
            if library := LIBRARY.match(name):
                self.abis.add(library[1])
        for name in archive.names[:ENTRIES]:
            lower = name.lower()
            if lower.endswith(".dex"):
                self._dex(archive, name)
            elif lower.endswith(NESTED):
                archive.budget.missing(archive.name, name, "an archive of its own: not looked into")
            elif not COMPILED.match(name) and not lower.endswith(MEDIA):
                self._bytes(archive, name)
        if self.hosts.over:
            reason = f"more than {HOSTS:,} different hosts; the others are not told"
            archive.budget.missing(archive.name, "hosts", reason)
        if not self.hosts.looks:
            reason = f"more than {ADDRESSES:,} places to look at; what comes later was not searched"
            archive.budget.missing(archive.name, "addresses", reason)

    def declared(self, app: Declared) -> None:
        """What the manifests, resource tables and the network security config name."""
        for archive, strings in app.strings:
            place = Place(archive.name, "resources.arsc", "resource")
            for text in strings:
                self.hosts.text(text, place)
        for archive, values in app.attributes:
            place = Place(archive.name, "AndroidManifest.xml", "manifest")
            for text in values:
                if "://" in text:
                    self.hosts.text(text, place)
        if app.config:
            place = Place(app.config.file, app.config.entry, "network security config")
            for rules in app.config.domains:
                self.hosts.declared(rules.domain, place)

    def _dex(self, archive: Archive, name: str) -> None:
        data = archive.found(name)
        if data is None:
            return
        tables = dex.read(data)
        for fault in dict.fromkeys(tables.faults):
            archive.budget.missing(archive.name, name, fault)
        for descriptor in tables.classes:
            self.classes.setdefault(descriptor, f"{archive.name}: {name}")
        self.types |= tables.types
        self.loads_pages = self.loads_pages or not WEBVIEW_CALLS.isdisjoint(tables.strings)
        place = Place(archive.name, name, "dex")
        for raw in tables.strings:
            if b"://" in raw:
                self.hosts.data(raw, place)
            elif b"." in raw and b"/" not in raw:
                self.hosts.text(dex.text_of(raw), place)

    def _bytes(self, archive: Archive, name: str) -> None:
        data = archive.found(name)
        if data is None:
            return
        native = name.lower().endswith(".so")
        self.hosts.data(
            data, Place(archive.name, name, "native library" if native else "asset"), names=native
        )
        if native and data.count(b".") > DOTS:
            reason = f"more than {DOTS:,} dots: searched for addresses, not for bare names"
            archive.budget.missing(archive.name, name, reason)
        if data.startswith(HERMES):
            reason = "Hermes bytecode: its strings have no ends, so an address may be cut or run on"
            archive.budget.missing(archive.name, name, reason)
