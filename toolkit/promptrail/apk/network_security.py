"""The network security config: its elements in, `NetworkSecurity` out, and what follows for cleartext and user CAs.

Source: Android's "Network security configuration". What a domain leaves out it has from the base, and the base from
the platform, which goes by the target SDK; `None` here means left out.
"""

from collections.abc import Iterator

from promptrail.apk.archive import shown
from promptrail.apk.compiled import Element
from promptrail.apk.identity import DomainRules, NetworkSecurity
from promptrail.apk.manifest import CLEARTEXT_OFF_FROM, USER_ANCHORS_OFF_FROM, Manifest, truth
from promptrail.errors import InputError

ROOT = "network-security-config"


def network_security(root: Element, file: str, entry: str) -> NetworkSecurity:
    """What a network security config says. InputError where the element is none."""
    if root.tag != ROOT:
        raise InputError(f"{file}: {entry}: its element is <{shown(root.tag)}>, not <{ROOT}>.")
    base = next(iter(root.all("base-config")), None)
    debug = next(iter(root.all("debug-overrides")), None)
    return NetworkSecurity(
        file=file,
        entry=entry,
        base=None if base is None else _rules(base, "", False),
        domains=tuple(_domains(root)),
        debug_anchors=(_anchors(debug) or ()) if debug is not None else (),
    )


def cleartext(manifest: Manifest, config: NetworkSecurity | None) -> tuple[bool | None, str]:
    """Whether plain HTTP is allowed where no domain says otherwise, and which rule says so."""
    if config and config.base and config.base.cleartext is not None:
        return config.base.cleartext, f"base-config of {config.entry}"
    if not config and manifest.cleartext is not None:
        return manifest.cleartext, "usesCleartextTraffic in the manifest"
    if manifest.target_sdk is None:
        return None, "nothing says so, and no target SDK is known"
    return (
        manifest.target_sdk < CLEARTEXT_OFF_FROM,
        f"nothing says so; default of target SDK {manifest.target_sdk}",
    )


def user_certificates_trusted(manifest: Manifest, config: NetworkSecurity | None) -> bool | None:
    """Whether a CA that the user installed is trusted where no domain says otherwise."""
    if config and manifest.debuggable and "user" in config.debug_anchors:
        return True
    if config and config.base and config.base.trust_anchors is not None:
        return "user" in config.base.trust_anchors
    return None if manifest.target_sdk is None else manifest.target_sdk < USER_ANCHORS_OFF_FROM


def _domains(root: Element) -> Iterator[DomainRules]:
    """Every domain, outer ones before those nested in them."""
    waiting = root.all("domain-config")
    while waiting:
        config = waiting.pop(0)
        for domain in config.all("domain"):
            under = truth(domain.attributes.get("includeSubdomains")) is True
            yield _rules(config, shown(domain.text.lower()), under)
        waiting = config.all("domain-config") + waiting


def _rules(config: Element, domain: str, subdomains: bool) -> DomainRules:
    pin_set = next(iter(config.all("pin-set")), Element("pin-set", {}))
    transparency = next(iter(config.all("certificateTransparency")), Element("", {}))
    pins = [f"{pin.attributes.get('digest', '')}:{pin.text}" for pin in pin_set.all("pin")]
    return DomainRules(
        domain=domain,
        subdomains=subdomains,
        cleartext=truth(config.attributes.get("cleartextTrafficPermitted")),
        trust_anchors=_anchors(config),
        certificate_transparency=truth(transparency.attributes.get("enabled")),
        pins=tuple(sorted(map(shown, pins))),
        pins_expire=pin_set.attributes.get("expiration"),
    )


def _anchors(config: Element) -> tuple[str, ...] | None:
    """system, user, or a reference to certificates in the package; None where it leaves them out."""
    anchors = next(iter(config.all("trust-anchors")), None)
    if anchors is None:
        return None
    return tuple(sorted({shown(one.attributes.get("src", "")) for one in anchors.all("certificates")}))
