"""What somebody wrote for a host, as the name or address that it means: text in, `Subject` out, never an exception.

Taken off are white space, scheme, user, path, port, brackets, zone and the trailing dot; letters are lower case and a
name is in A-labels (RFC 5890; Python's codec is the one of 2003, which turns ß into ss). What is neither a name nor an
address keeps its text and says why in `fault`: an IPv4 address in hexadecimal or with two dots is such a thing.
"""

import ipaddress
import re
from typing import NamedTuple

PLAIN = re.compile(r"[a-z0-9]+(?:(?:\.|-+)[a-z0-9]+)*\.[a-z]+\Z")
"""Most hosts of a capture, where they are no longer than a label may be: nothing is to be done with them."""
SHORT = 63
LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\Z")
LONGEST = 253
"""Characters of a whole name (RFC 1035, section 2.3.4)."""
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Subject(NamedTuple):
    """A host as it was given, and what it means."""

    given: str
    name: str | None = None
    """In A-labels and lower case; None: an address, or neither."""
    address: Address | None = None
    fault: str | None = None

    @property
    def host(self) -> str:
        """The name, the address in its short form, or the text as given."""
        return self.name or (str(self.address) if self.address else self.given)


def subject(given: str) -> Subject:
    """The name or address that a text means."""
    if len(given) <= SHORT and PLAIN.match(given):
        return Subject(given, given)
    text = given.strip()
    if "://" in text:
        text = text.split("://", 1)[1]
    text = re.split(r"[/?#]", text, maxsplit=1)[0].rpartition("@")[2]
    if text.startswith("["):
        inside, closed, after = text[1:].partition("]")
        if not closed or not re.fullmatch(r"(?::\d*)?", after):
            return Subject(given, fault="a bracket is opened and not closed as RFC 3986 has it")
        return _address(given, inside)
    if text.count(":") > 1:
        return _address(given, text)
    host, _, port = text.partition(":")
    if port and not port.isdecimal():
        return Subject(given, fault="what stands behind the colon is no port")
    return _name(given, host)


def _address(given: str, text: str) -> Subject:
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return Subject(given, fault="not an IPv6 address (RFC 4291)")
    mapped = getattr(found, "ipv4_mapped", None)
    return Subject(given, address=mapped or found)


def _name(given: str, text: str) -> Subject:
    bare = re.sub(r"[.\u3002\uff0e\uff61]\Z", "", text)
    try:
        return Subject(given, address=ipaddress.IPv4Address(bare))
    except ValueError:
        pass
    try:
        name = bare.encode("idna").decode("ascii").lower() if not bare.isascii() else bare.lower()
    except UnicodeError:
        return Subject(
            given, fault="not a host name: a label is empty, too long, or has a forbidden character"
        )
    labels = name.split(".")
    if len(name) > LONGEST or not all(map(LABEL.match, labels)):
        return Subject(
            given, fault="not a host name: a label is empty, too long, or has a forbidden character"
        )
    if re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1]):
        return Subject(given, fault="neither a name nor an address of four decimal numbers")
    return Subject(given, name)


def shown(name: str) -> str | None:
    """A name in the letters of its language, where it has any; None: it reads as it stands."""
    if "xn--" not in name:
        return None
    try:
        return name.encode("ascii").decode("idna")
    except UnicodeError:
        return None
