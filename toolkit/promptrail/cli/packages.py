"""promptrail apk: what an Android app is, before it runs."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptrail.case import Case
from promptrail.cli.speech import safe

if TYPE_CHECKING:  # what reads packages is loaded when the command runs
    from promptrail.apk import Identity

LOST = 3
HOSTS, LISTED = 40, 12


def add(commands: Any) -> None:
    apk = commands.add_parser(
        "apk", help="what an Android app is: versions, signer, permissions, SDKs, hosts in it; nothing is run"
    )
    apk.add_argument(
        "file", metavar="FILE", type=Path, help="an .apk, a folder of splits, or an .apks, .xapk or .apkm"
    )
    apk.add_argument("--json", action="store_true", help="everything, as it is kept in a case")
    apk.add_argument("--case", help="keep it in this case, and compare its signer with those kept before")
    apk.add_argument("--obtained", metavar="TEXT", help="where, when and how you got it")
    apk.add_argument(
        "--trackers", metavar="FILE", type=Path, help="also match a trackers.json of Exodus Privacy's format"
    )
    apk.set_defaults(run=identify)


def identify(options: argparse.Namespace) -> int:
    from promptrail import apk
    from promptrail.apk import kept

    case = Case.open(options.case) if options.case else None
    found = apk.read(options.file, obtained=options.obtained, trackers=options.trackers)
    if options.json:
        print(found.to_json(), end="")
    else:
        _tell(found)
    if case is not None:
        with case.locked():
            done = kept.keep(case, found)
        print(_flat(f"promptrail: kept as {done.file}"), file=sys.stderr)
        for warning in done.warnings:
            print(_flat(f"promptrail: warning: {warning}"), file=sys.stderr)
    for part in found.unread:
        print(_flat(f"promptrail: not read: {part.file}: {part.part}: {part.reason}"), file=sys.stderr)
    return LOST if found.unread else 0


def _tell(found: "Identity") -> None:
    _line("package", f"{_or(found.package)}  {_or(found.version_name)} ({_or(found.version_code)})")
    _line("SDK", f"target {_or(found.target_sdk)}, at least {_or(found.min_sdk)}")
    _line("obtained", found.obtained)
    for file in found.files:
        _line(file.role, f"{file.name}, {file.size:,} bytes, SHA-256 {file.sha256}")
    for one in found.certificates:
        _line("signed by", f"{one.subject}, SHA-256 {one.sha256} ({', '.join(one.schemes)}; not verified)")
    if not found.certificates:
        _line("signed by", "no certificate was found")
    _line("debuggable", _or(found.debuggable, "not stated"))
    _line("cleartext", f"{_or(found.cleartext)} ({found.cleartext_because})")
    _line(
        "user CA", {True: "trusted", False: "not trusted", None: "unknown"}[found.user_certificates_trusted]
    )
    _tell_network(found)
    _list("permissions", [name.removeprefix("android.permission.") for name in found.permissions])
    _list("native code", list(found.abis))
    for framework in found.frameworks:
        _line("built with", f"{framework.name}: {framework.note} [{framework.evidence[0]}]")
    _list("deep links", [f"{link.scheme}://{link.host or ''}{link.path or ''}" for link in found.deep_links])
    _list("Google", [f"{key} {value}" for key, value in found.google.items()])
    for sdk in found.sdks:
        where = (
            f"{sdk.class_count:,} classes, as {sdk.classes[0]}"
            if sdk.classes
            else f"host {sdk.hosts_found[0]}"
        )
        _line(
            "SDK in it", f"{sdk.name} ({_or(sdk.vendor, 'vendor not stated')}; {_or(sdk.purpose)}): {where}"
        )
    for host in found.hosts[:HOSTS]:
        place = host.places[0]
        more = f" and {len(host.places) - 1} more" if len(host.places) > 1 else ""
        _line("host in it", f"{host.name} ({host.certainty}; {place.kind} in {place.entry}{more})")
    if len(found.hosts) > HOSTS:
        _line("", f"and {len(found.hosts) - HOSTS} hosts more: --json tells all")
    print("Code and addresses in a package show what the app could do, never what it did (grade E0).")


def _tell_network(found: "Identity") -> None:
    config = found.network_security
    if config is None:
        return
    for rules in filter(None, (config.base, *config.domains)):
        said = []
        if rules.cleartext is not None:
            said.append(f"cleartext {_or(rules.cleartext)}")
        if rules.trust_anchors is not None:
            said.append(f"trusts {', '.join(rules.trust_anchors) or 'nothing'}")
        if rules.certificate_transparency is not None:
            said.append(f"certificate transparency {_or(rules.certificate_transparency)}")
        if rules.pins:
            said.append(f"{len(rules.pins)} pins{f' until {rules.pins_expire}' if rules.pins_expire else ''}")
        name = f"{'*.' if rules.subdomains else ''}{rules.domain}" if rules.domain else "all hosts"
        _line("network", f"{name}: {'; '.join(said) or 'nothing of its own'}")


def _or(value: object, otherwise: str = "unknown") -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value or otherwise)


def _list(name: str, values: list[str]) -> None:
    if values:
        more = f", and {len(values) - LISTED} more" if len(values) > LISTED else ""
        _line(name, ", ".join(values[:LISTED]) + more)


def _line(name: str, text: str) -> None:
    print(_flat(f"{name:<12} {text}"))


def _flat(text: str) -> str:
    """One line; what came out of the package cannot add another."""
    return safe(text).replace("\n", "\\n")
