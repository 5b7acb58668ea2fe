"""What a manifest declares, and the network security config: from elements, in every form and with every gap."""

import pytest

from promptrail.apk.compiled import Element
from promptrail.apk.identity import DomainRules
from promptrail.apk.manifest import Manifest, manifest, number, truth
from promptrail.apk.network_security import cleartext, network_security, user_certificates_trusted
from promptrail.errors import InputError

VIEW, BROWSABLE = "android.intent.action.VIEW", "android.intent.category.BROWSABLE"


def plain(text: str | None) -> str | None:
    return text


def node(tag: str, /, *children: Element, text: str = "", **attributes: str) -> Element:
    """An element; `a_name` is Android's attribute `name`."""
    return Element(
        tag, {key.replace("a_", "android:"): value for key, value in attributes.items()}, text, [*children]
    )


def app(*children: Element, sdk: str | None = "29", **attributes: str) -> Element:
    uses = [node("uses-sdk", a_targetSdkVersion=sdk)] if sdk else []
    return node("manifest", *uses, node("application", *children, **attributes), package="org.example.chat")


def opening(
    *data: Element, exported: str | None = "true", action: str = VIEW, category: str = BROWSABLE
) -> Element:
    said = {} if exported is None else {"a_exported": exported}
    inside = node("intent-filter", node("action", a_name=action), node("category", a_name=category), *data)
    return node("activity", inside, a_name=".Open", **said)


def test_an_empty_manifest_says_nothing() -> None:
    """No value is invented where none stands."""
    found = manifest(node("manifest"), plain)
    assert found == Manifest(None, None, None, None, None, None, (), None, None, None, ())


def test_versions_permissions_and_flags() -> None:
    """Both ways of asking for a permission; the major version code stands above the other; order is by name."""
    root = node(
        "manifest",
        node("uses-sdk", a_minSdkVersion="24", a_targetSdkVersion="0x23"),
        node("uses-permission", a_name="b.B"),
        node("uses-permission-sdk-23", a_name="a.A"),
        node("uses-permission", a_name="b.B"),
        node("uses-permission"),
        node("application", a_debuggable="true", a_usesCleartextTraffic="false"),
        a_versionCode="7",
        a_versionCodeMajor="1",
        a_versionName="1.2.3",
        package="org.example.chat",
    )
    found = manifest(root, plain)
    assert (found.version_name, found.version_code) == ("1.2.3", (1 << 32) + 7)
    assert (found.min_sdk, found.target_sdk) == (24, 0x23) and found.permissions == ("a.A", "b.B")
    assert (found.debuggable, found.cleartext) == (True, False)


@pytest.mark.parametrize(
    ("text", "found"), [("7", 7), ("0x1F", 31), ("", None), ("x", None), (None, None), ("1_000", 1000)]
)
def test_numbers(text: str | None, found: int | None) -> None:
    """Decimal and hexadecimal; everything else is no number."""
    assert number(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [("true", True), ("False", False), ("0xffffffff", True), ("-1", True), ("0", False), ("no", None)],
)
def test_truth(text: str, found: bool | None) -> None:
    """As a word, and as the compiled form has it."""
    assert truth(text) is found and truth(None) is None


@pytest.mark.parametrize(
    ("component", "sdk", "links"),
    [
        (opening(node("data", a_scheme="chat")), "29", 1),
        (opening(node("data", a_scheme="chat"), exported="false"), "29", 0),
        (opening(node("data", a_scheme="chat"), exported=None), "29", 1),
        (opening(node("data", a_scheme="chat"), exported=None), "31", 0),
        (opening(node("data", a_scheme="chat"), action="x"), "29", 0),
        (opening(node("data", a_scheme="chat"), category="x"), "29", 0),
        (opening(node("data", a_mimeType="text/plain")), "29", 0),
    ],
)
def test_a_deep_link_needs_an_exported_component(component: Element, sdk: str, links: int) -> None:
    """Exported by word, or by having a filter below target SDK 31; and a filter that a page's link passes."""
    assert len(manifest(app(component, sdk=sdk), plain).deep_links) == links


def test_parts_of_a_filter_combine() -> None:
    """Each scheme with each host and each path, whichever element they stand in."""
    data = (
        node("data", a_scheme="https", a_host="a.example.test"),
        node("data", a_scheme="http"),
        node("data", a_pathPrefix="/c"),
    )
    found = manifest(app(opening(*data)), plain).deep_links
    assert [(one.scheme, one.host, one.path) for one in found] == [
        ("http", "a.example.test", "/c"),
        ("https", "a.example.test", "/c"),
    ]


def test_a_filter_cannot_multiply_itself_without_end() -> None:
    """A thousand schemes with a thousand hosts are a million links, of which 500 are told."""
    data = [node("data", a_scheme=f"s{n}", a_host=f"h{n}.test") for n in range(1_000)]
    assert len(manifest(app(opening(*data)), plain).deep_links) == 500


def anchors(*sources: str) -> Element:
    return node("trust-anchors", *(node("certificates", src=one) for one in sources))


def config(*children: Element) -> Element:
    return node("network-security-config", *children)


def test_a_network_security_config_keeps_what_each_part_leaves_out() -> None:
    """Base, domains nested in domains, pins with their end, certificate transparency, anchors of debug builds."""
    pins = node(
        "pin-set", node("pin", digest="SHA-256", text="BBB="), node("pin", digest="SHA-256", text="AAA=")
    )
    pins.attributes["expiration"] = "2030-01-01"
    inner = node("domain-config", node("domain", text="Inner.Example.test"), anchors("@7f010000"))
    found = network_security(
        config(
            node("base-config", anchors("system", "user"), cleartextTrafficPermitted="true"),
            node(
                "domain-config",
                node("domain", text="a.example.test", includeSubdomains="true"),
                node("domain", text="b.example.test"),
                pins,
                node("certificateTransparency", enabled="true"),
                inner,
                cleartextTrafficPermitted="false",
            ),
            node("debug-overrides", anchors("user")),
        ),
        "a.apk",
        "x.xml",
    )
    assert found.base == DomainRules("", False, True, ("system", "user"), None, (), None)
    assert [(one.domain, one.subdomains, one.cleartext) for one in found.domains] == [
        ("a.example.test", True, False),
        ("b.example.test", False, False),
        ("inner.example.test", False, None),
    ]
    first, second, third = found.domains
    assert first.pins == ("SHA-256:AAA=", "SHA-256:BBB=") == second.pins and first.pins_expire == "2030-01-01"
    assert first.certificate_transparency is True and third.certificate_transparency is None
    assert (
        first.trust_anchors is None
        and third.trust_anchors == ("@7f010000",)
        and found.debug_anchors == ("user",)
    )


def test_another_file_is_no_network_security_config() -> None:
    """Its element says what it is."""
    with pytest.raises(InputError, match="its element is <manifest>"):
        network_security(node("manifest"), "a.apk", "x.xml")


@pytest.mark.parametrize(
    ("root", "config_root", "allowed", "because"),
    [
        (app(sdk="27"), None, True, "default of target SDK 27"),
        (app(sdk="28"), None, False, "default of target SDK 28"),
        (app(sdk="28", a_usesCleartextTraffic="true"), None, True, "usesCleartextTraffic"),
        (app(sdk="28", a_usesCleartextTraffic="true"), config(), False, "default of target SDK 28"),
        (app(sdk="28"), config(node("base-config", cleartextTrafficPermitted="true")), True, "base-config"),
        (app(sdk=None), None, None, "no target SDK is known"),
    ],
)
def test_whether_cleartext_is_allowed(
    root: Element, config_root: Element | None, allowed: bool | None, because: str
) -> None:
    """The config goes before the manifest's flag, which goes before the default of the target SDK."""
    security = network_security(config_root, "a.apk", "x.xml") if config_root else None
    said, reason = cleartext(manifest(root, plain), security)
    assert said is allowed and because in reason


@pytest.mark.parametrize(
    ("root", "config_root", "trusted"),
    [
        (app(sdk="23"), None, True),
        (app(sdk="24"), None, False),
        (app(sdk=None), None, None),
        (app(sdk="33"), config(node("base-config", anchors("system", "user"))), True),
        (app(sdk="23"), config(node("base-config", anchors("system"))), False),
        (app(sdk="33", a_debuggable="true"), config(node("debug-overrides", anchors("user"))), True),
        (app(sdk="33"), config(node("debug-overrides", anchors("user"))), False),
    ],
)
def test_whether_a_users_certificate_is_trusted(
    root: Element, config_root: Element | None, trusted: bool | None
) -> None:
    """By the config's base, by the overrides where the build is debuggable, else by the target SDK."""
    security = network_security(config_root, "a.apk", "x.xml") if config_root else None
    assert user_certificates_trusted(manifest(root, plain), security) is trusted
