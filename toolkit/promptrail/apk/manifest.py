"""The manifest of an app: its elements in, what the app declares of itself out. A function of what it is given.

Source: Android's "App manifest overview" and "Intents and intent filters". A value that is of the wrong form is None,
as one that is not there.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from promptrail.apk.archive import shown
from promptrail.apk.compiled import Element
from promptrail.apk.identity import DeepLink
from promptrail.apk.limits import LINKS

Resolve = Callable[[str | None], str | None]
"""An attribute's value, with a reference to a resource replaced by what that says."""
VIEW = "android.intent.action.VIEW"
BROWSABLE = "android.intent.category.BROWSABLE"
COMPONENTS = ("activity", "activity-alias")
PATHS = ("path", "pathPrefix", "pathPattern", "pathSuffix", "pathAdvancedPattern")
EXPLICIT_FROM = 31
"""From this target SDK on, a component with a filter has to say whether it is exported."""
CLEARTEXT_OFF_FROM = 28
"""From this target SDK on, cleartext is off where nothing is said."""
USER_ANCHORS_OFF_FROM = 24
"""From this target SDK on, certificates that the user installed are not trusted where nothing is said."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one manifest says. `split`: the name of the split that it belongs to, None for the base."""

    package: str | None
    split: str | None
    version_name: str | None
    version_code: int | None
    min_sdk: int | None
    target_sdk: int | None
    permissions: tuple[str, ...]
    debuggable: bool | None
    cleartext: bool | None
    network_security_config: str | None
    deep_links: tuple[DeepLink, ...]


def manifest(root: Element, resolve: Resolve) -> Manifest:
    """What a manifest says. `network_security_config` is left as it stands: a reference."""
    application = next(iter(root.all("application")), Element("application", {}))
    sdk = next(iter(root.all("uses-sdk")), Element("uses-sdk", {}))
    asked = [*root.all("uses-permission"), *root.all("uses-permission-sdk-23")]
    minimum = number(resolve(sdk.attributes.get("android:minSdkVersion")))
    target = number(resolve(sdk.attributes.get("android:targetSdkVersion"))) or minimum
    code, major = (number(resolve(root.attributes.get(f"android:versionCode{m}"))) for m in ("", "Major"))
    return Manifest(
        package=_text(root.attributes.get("package")),
        split=_text(root.attributes.get("split")),
        version_name=_text(resolve(root.attributes.get("android:versionName"))),
        version_code=code if code is None or not major else (major << 32) + code,
        min_sdk=minimum,
        target_sdk=target,
        permissions=tuple(sorted({shown(p.attributes.get("android:name", "")) for p in asked} - {""})),
        debuggable=truth(resolve(application.attributes.get("android:debuggable"))),
        cleartext=truth(resolve(application.attributes.get("android:usesCleartextTraffic"))),
        network_security_config=application.attributes.get("android:networkSecurityConfig"),
        deep_links=tuple(sorted(_links(application, target, resolve), key=str)),
    )


def number(text: str | None) -> int | None:
    """An integer, decimal or as 0x1F."""
    try:
        return None if text is None else int(text, 16 if text[:2].lower() == "0x" else 10)
    except ValueError:
        return None


def truth(text: str | None) -> bool | None:
    """true or false; as numbers too, which is how the compiled form has them."""
    return {"true": True, "false": False, "0xffffffff": True, "-1": True, "0x0": False, "0": False}.get(
        (text or "").strip().lower()
    )


def _text(text: str | None) -> str | None:
    return shown(text) if text else None


def _links(application: Element, target: int | None, resolve: Resolve) -> Iterator[DeepLink]:
    """One link for each address that an exported component opens; a filter's parts combine with each other."""
    seen: set[DeepLink] = set()
    for component in (child for tag in COMPONENTS for child in application.all(tag)):
        said = truth(resolve(component.attributes.get("android:exported")))
        if said is False or (said is None and (target or 0) >= EXPLICIT_FROM):
            continue
        name = shown(component.attributes.get("android:name", ""))
        for filter_ in component.all("intent-filter"):
            actions = {a.attributes.get("android:name") for a in filter_.all("action")}
            categories = {c.attributes.get("android:name") for c in filter_.all("category")}
            if VIEW not in actions or BROWSABLE not in categories:
                continue
            verified = truth(resolve(filter_.attributes.get("android:autoVerify"))) is True
            data = filter_.all("data")
            schemes = _values(data, ("scheme",), resolve)
            hosts: list[str | None] = [*_values(data, ("host",), resolve)] or [None]
            paths: list[str | None] = [*_values(data, PATHS, resolve)] or [None]
            for scheme, host, path in product(schemes, hosts, paths):
                if len(seen) >= LINKS:
                    return
                link = DeepLink(name, scheme, host, path, verified)
                if link not in seen:
                    seen.add(link)
                    yield link


def _values(data: Iterable[Element], names: Iterable[str], resolve: Resolve) -> list[str]:
    keys = [f"android:{name}" for name in names]
    found = (resolve(item.attributes.get(key)) for item in data for key in keys)
    return sorted({shown(value) for value in found if value})
