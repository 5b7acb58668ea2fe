"""MaxMind databases (.mmdb) with countries or networks: a file in, a `Dataset` out; a damaged one is refused.

The format is MaxMind's; read are the records of GeoLite2, DB-IP, IPinfo and ip-location-db. Every record is visited
once when the file is taken over, because the format has no checksum and a damaged page shows only when it is read.
"""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptrail.attribute.dataset import Dataset, Lookup, as_name
from promptrail.attribute.subjects import Address
from promptrail.attribute.table import Proof
from promptrail.errors import InputError

if TYPE_CHECKING:
    import maxminddb

ID = "mmdb"
MARK = b"\xab\xcd\xefMaxMind.com"
"""What stands before the metadata, in the last 128 KiB of a file."""


def fits(name: str, head: bytes) -> bool:
    """Whether a file is to be read as a MaxMind database."""
    return name.lower().endswith(".mmdb")


def read(file: Path, proof: Proof, beside: Path | None = None) -> Dataset:
    """The database; InputError if it cannot be opened or holds neither countries nor networks."""
    reader = _open(file)
    about = reader.metadata()
    if proof.as_of is None and about.build_epoch:
        made = datetime.datetime.fromtimestamp(about.build_epoch, datetime.UTC)
        proof = Proof(f"{proof.source} ({about.database_type})", made.date().isoformat(), proof.licence)
    seen = {"country": False, "network": False}
    size = 0
    for record in _records(file, reader):
        size += 1
        seen["country"] = seen["country"] or bool(country_of(record))
        seen["network"] = seen["network"] or bool(network_of(record))
    if not any(seen.values()):
        raise InputError(
            f"{file}: {about.database_type}: no record has a country or a network. Take a Country, City or ASN "
            "database."
        )
    country: Lookup | None = (lambda a: country_of(_get(reader, a))) if seen["country"] else None
    network: Lookup | None = (lambda a: network_of(_get(reader, a))) if seen["network"] else None
    return Dataset(ID, proof, country, network, size=size)


def country_of(record: Any) -> str | None:
    """The country of a record, as its supplier writes it."""
    if not isinstance(record, dict):
        return None
    for key in ("country", "registered_country"):
        if isinstance(record.get(key), dict) and isinstance(record[key].get("iso_code"), str):
            return str(record[key]["iso_code"]).upper()
    for key in ("country_code", "country"):
        if isinstance(record.get(key), str) and len(record[key]) == 2:
            return str(record[key]).upper()
    return None


def network_of(record: Any) -> str | None:
    """The network of a record, number and name."""
    if not isinstance(record, dict):
        return None
    number = record.get("autonomous_system_number") or record.get("asn")
    name = (
        record.get("autonomous_system_organization") or record.get("as_name") or record.get("as_organization")
    )
    return as_name(number, name)


def _open(file: Path) -> "maxminddb.Reader":
    import maxminddb

    try:
        return maxminddb.open_database(str(file), maxminddb.MODE_AUTO)
    except OSError as fault:
        raise InputError(f"{file}: cannot be read: {fault.strerror}. Check the path.") from fault
    except (maxminddb.InvalidDatabaseError, ValueError) as fault:
        raise _damaged(file, fault) from fault


def _records(file: Path, reader: "maxminddb.Reader") -> Iterator[Any]:
    try:
        for _, record in reader:
            yield record
    except Exception as fault:  # the format's own error, or whatever a damaged page makes of its decoder
        raise _damaged(file, fault) from fault


def _damaged(file: Path, fault: Exception) -> InputError:
    return InputError(
        f"{file}: no whole MaxMind database: {fault}. Nothing was taken over: get the file anew from its supplier."
    )


def _get(reader: "maxminddb.Reader", address: Address) -> Any:
    if address.version == 6 and reader.metadata().ip_version == 4:
        return None
    return reader.get(address)
