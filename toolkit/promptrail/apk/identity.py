"""What `read` finds in an app: plain records, and the JSON that `CASE/apk/` keeps of them.

The JSON is one object with the fields of `Identity`, tuples as lists, and `schema` 1. A reader refuses another
schema. Within a schema fields may be added, never renamed, removed or given another meaning. Nothing in it tells when
or where it was read, so the same files give the same bytes.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from promptrail.errors import InputError

SCHEMA = 1
NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class PackageFile:
    """One file that was read. `role`: base, split NAME, another base, or archive (around the others)."""

    name: str
    role: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """Who signed: SHA-256 of the certificate's DER, and in which signature schemes it stands (v1, v2, v3, v3.1)."""

    sha256: str
    subject: str
    schemes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DomainRules:
    """A part of the network security config; an empty `domain` is the base, and None what it leaves to the platform."""

    domain: str
    subdomains: bool
    cleartext: bool | None
    trust_anchors: tuple[str, ...] | None
    certificate_transparency: bool | None
    pins: tuple[str, ...]
    pins_expire: str | None


@dataclass(frozen=True, slots=True)
class NetworkSecurity:
    """The network security config: where it stands, its base, its domains, and the anchors of debug builds."""

    file: str
    entry: str
    base: DomainRules | None
    domains: tuple[DomainRules, ...]
    debug_anchors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeepLink:
    """An address that another app or a page can open in this one."""

    component: str
    scheme: str
    host: str | None
    path: str | None
    verified: bool


@dataclass(frozen=True, slots=True)
class Framework:
    """What the app is built with, the entries and classes that say so, and what it means for recording."""

    name: str
    evidence: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a host stands. `kind`: dex, resource, manifest, asset, native library, network security config."""

    file: str
    entry: str
    kind: str


@dataclass(frozen=True, slots=True)
class Host:
    """A host in the package. `certainty`: url (it stands in an address), declared (a configuration names it), name (a
    text that looks like a host name), namespace (an address that XML uses as a name).
    """

    name: str
    certainty: str
    urls: tuple[str, ...]
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Sdk:
    """A signature that matched: whose code is in the package. `hosts` are where that vendor is known to receive."""

    id: str
    name: str
    vendor: str | None
    purpose: str | None
    hosts: tuple[str, ...]
    classes: tuple[str, ...]
    class_count: int
    entries: tuple[str, ...]
    hosts_found: tuple[str, ...]
    list: str
    source: str
    as_of: str | None


@dataclass(frozen=True, slots=True)
class Unread:
    """A part that could not be read, and why."""

    file: str
    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class Identity:
    """An app as its package files describe it. None and empty: it does not say, or see `unread`."""

    schema: int
    form: str
    obtained: str
    files: tuple[PackageFile, ...]
    package: str | None
    version_name: str | None
    version_code: int | None
    min_sdk: int | None
    target_sdk: int | None
    certificates: tuple[Certificate, ...]
    permissions: tuple[str, ...]
    debuggable: bool | None
    cleartext: bool | None
    cleartext_because: str
    user_certificates_trusted: bool | None
    network_security: NetworkSecurity | None
    deep_links: tuple[DeepLink, ...]
    abis: tuple[str, ...]
    frameworks: tuple[Framework, ...]
    google: Mapping[str, str]
    sdks: tuple[Sdk, ...]
    hosts: tuple[Host, ...]
    class_count: int
    unread: tuple[Unread, ...] = field(default=())

    def to_json(self) -> str:
        """The same fields, readable by a person and by `from_json`."""
        return json.dumps(asdict(self), ensure_ascii=True, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str, name: str) -> "Identity":
        """An identity that was kept; InputError names the file where it is none, or of another schema."""
        try:
            row: dict[str, Any] = json.loads(text)
            if row["schema"] != SCHEMA:
                raise InputError(
                    f"{name}: has schema {row['schema']!r}, and this promptrail reads {SCHEMA}. Read the app anew."
                )
            return cls(**_typed(row))
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise InputError(
                f"{name}: not what `promptrail apk` keeps: {fault}. Read the app anew."
            ) from fault


RECORDS = {
    "files": PackageFile,
    "certificates": Certificate,
    "deep_links": DeepLink,
    "frameworks": Framework,
    "sdks": Sdk,
    "unread": Unread,
}


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    out = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    for key, record in RECORDS.items():
        out[key] = tuple(_record(record, item) for item in row[key])
    out["hosts"] = tuple(
        _record(Host, item | {"places": [_record(Place, place) for place in item["places"]]})
        for item in row["hosts"]
    )
    if config := row["network_security"]:
        base = config["base"] and _record(DomainRules, config["base"])
        domains = [_record(DomainRules, rules) for rules in config["domains"]]
        out["network_security"] = _record(NetworkSecurity, config | {"base": base, "domains": domains})
    return out


def _record(record: type, row: Mapping[str, Any]) -> Any:
    return record(**{key: tuple(value) if isinstance(value, list) else value for key, value in row.items()})
