"""Hosts and addresses that stand in a package: texts and bytes in, `Host`s with every place out.

An address (`https://...`) counts wherever it stands; a bare host name only where it is a text of its own and ends in
a common top level domain, because class names, keys and file names look alike: `certainty` keeps them apart. That a
host stands here is no sign that it was ever contacted, and one made at run time does not stand here.
"""

import re
from collections.abc import Iterable, Iterator

from promptrail.apk.archive import shown
from promptrail.apk.identity import Host, Place
from promptrail.apk.limits import ADDRESSES, DOTS, HOSTS, PLACES, URLS

URL, DECLARED, NAME, NAMESPACE = "url", "declared", "name", "namespace"
"""How sure it is that a text means a host; a namespace is an address that XML uses as a name."""
SCHEMES = ("https", "http", "wss", "ws", "mqtts", "mqtt", "grpcs", "grpc", "rtmps", "rtmp", "ftp")
BEFORE = re.compile(rb"[A-Za-z]{1,8}\Z")
REST = re.compile(rb"[!#-;=?-\[\]_a-z{-~]{1,500}")
"""What an address is written with: printable, without space, quotes, angle brackets, backslash and accents."""
NEXT = re.compile(r"[,;|](?=[A-Za-z]{2,8}://)")
"""Where one address ends and the next of a list begins."""
AUTHORITY = re.compile(r"([^/?#@]*@)?([A-Za-z0-9.-]{1,253})(?::\d{1,5})?(?=[/?#]|\Z)")
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"(?:{LABEL}\.)+[a-z][a-z0-9-]{{1,23}}\Z")
ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}\Z")
PLAIN = ("cn", "com", "net", "org")
LONGER = (
    *("ai", "app", "au", "br", "ca", "cc", "cloud", "co", "de", "dev", "eu", "example", "fr", "hk", "io"),
    *("jp", "kr", "me", "nl", "online", "ru", "sg", "site", "tech", "test", "th", "top", "tv", "tw", "uk"),
    *("us", "vn", "xyz"),
)
"""Top level domains of a bare name: the first of any name, the others of one with three labels or more."""
ENDING = re.compile(rb"\.(?:%s)\0" % "|".join(PLAIN + LONGER).encode())
"""Where a bare name in a native library may end."""
LONGEST = 253
"""Characters of a host name (RFC 1035)."""
PACKAGES = frozenset(
    (*PLAIN, "android", "androidx", "dalvik", "edu", "gov", "java", "javax", "kotlin", "kotlinx", "sun")
)
"""A dotted text that begins so is the name of a class or a package, written from the outside in."""
NAMESPACES = ("schemas.android.com", "www.w3.org", "ns.adobe.com", "xmlpull.org", "xml.org", "xmlns.com")

FEATURE = re.compile(r"javax?\..+\.(?!com\Z|net\Z|org\Z)[a-z]+\Z")
"""http://javax.xml.XMLConstants/... : how the Java platform names a setting of its XML parsers."""


class Hosts:
    """Gathers hosts of one app; beyond the limits it counts and no longer keeps."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], set[Place]] = {}
        self._urls: dict[tuple[str, str], set[str]] = {}
        self.over = 0
        self.looks = ADDRESSES
        """How many more times an address may be looked for."""

    def text(self, text: str, place: Place) -> None:
        """A text of its own: the addresses in it, or the name that it is."""
        if "://" in text:
            self.data(text.encode("utf-8", "replace"), place)
        elif name := bare(text):
            self._add(name, NAME, None, place)

    def data(self, data: bytes, place: Place, names: bool = False) -> None:
        """The addresses in bytes; with `names`, also the names that stand between two NULs."""
        for host, url in addresses(data, self):
            name_only = host in NAMESPACES or FEATURE.match(host)
            self._add(host, NAMESPACE if name_only else URL, url, place)
        if names and data.count(b".") <= DOTS:
            for text in between_nuls(data, self):
                if name := bare(text):
                    self._add(name, NAME, None, place)

    def declared(self, name: str, place: Place) -> None:
        """A host that a configuration names as one."""
        name = name.lower()
        if HOST.match(name) or ADDRESS.match(name):
            self._add(name, DECLARED, None, place)

    def result(self) -> tuple[Host, ...]:
        """Every host in order of its name; one that stands in an address is not told again as a name."""
        known = {name for name, certainty in self._places if certainty != NAME}
        return tuple(
            Host(name, certainty, tuple(sorted(self._urls[name, certainty])), _told(places))
            for (name, certainty), places in sorted(self._places.items())
            if certainty != NAME or name not in known
        )

    def _add(self, name: str, certainty: str, url: str | None, place: Place) -> None:
        key = name, certainty
        if key not in self._places:
            if len(self._places) >= HOSTS:
                self.over += 1
                return
            self._places[key], self._urls[key] = set(), set()
        if len(self._places[key]) < PLACES:
            self._places[key].add(place)
        if url and len(self._urls[key]) < URLS:
            self._urls[key].add(shown(url))


def addresses(data: bytes, limit: Hosts) -> Iterator[tuple[str, str]]:
    """(host, address) for every address in some bytes; a user name and password in one are withheld."""
    at = data.find(b"://")
    while at >= 0 and limit.looks:
        limit.looks -= 1
        scheme = BEFORE.search(data[max(0, at - 8) : at])
        rest = REST.match(data, at + 3)
        if scheme and rest:
            name = _scheme(scheme[0].decode("ascii").lower())
            tail = NEXT.split(rest[0].decode("ascii"), maxsplit=1)[0].rstrip(".,;:)'")
            authority = AUTHORITY.match(tail)
            host = authority[2].lower().rstrip(".") if authority else ""
            if name and authority and (HOST.match(host) or ADDRESS.match(host)):
                withheld = "…@" if authority[1] else ""
                yield host, f"{name}://{withheld}{tail[authority.start(2) :]}"
        at = data.find(b"://", at + 3)


def between_nuls(data: bytes, limit: Hosts) -> Iterator[str]:
    """Texts that stand between two NULs and end like a host name."""
    for found in ENDING.finditer(data):
        if not limit.looks:
            return
        limit.looks -= 1
        start = data.rfind(b"\0", max(0, found.start() - LONGEST - 1), found.start()) + 1
        if start:
            yield data[start : found.end() - 1].decode("latin-1")


def bare(text: str) -> str | None:
    """The host name that a whole text is, if it is one by the rule above."""
    if not 4 <= len(text) <= LONGEST or not HOST.match(text):
        return None
    labels = text.split(".")
    if labels[0] in PACKAGES:
        return None
    longer = labels[-1] in LONGER and len(labels) > 2 and labels[0] not in LONGER
    return text if longer or labels[-1] in PLAIN else None


def _scheme(letters: str) -> str | None:
    """Letters before an address may belong to what stands before it: the longest ending that is a scheme."""
    return next((scheme for scheme in SCHEMES if letters.endswith(scheme)), None)


def _told(places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(sorted(places, key=lambda place: (place.file, place.entry, place.kind)))
