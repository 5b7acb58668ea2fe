"""What an app is built with: names of entries and classes in, `Framework`s with their evidence out.

It matters for recording: code that does its networking by itself takes neither the system's proxy nor its CAs.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from promptrail.apk.identity import Framework

EVIDENCE = 5


@dataclass(frozen=True, slots=True)
class Sign:
    """A framework: entries (a regular expression over their whole names) and class prefixes, any of which shows it."""

    name: str
    entries: str
    classes: tuple[str, ...]
    note: str


FRAMEWORKS = (
    Sign(
        "React Native",
        r"lib/[^/]+/lib(?:reactnative|reactnativejni|hermes|jsc)\.so|assets/index\.android\.bundle",
        ("Lcom/facebook/react/",),
        "its networking is OkHttp: the proxy is taken, pins and CAs follow the network security config",
    ),
    Sign(
        "Flutter",
        r"lib/[^/]+/lib(?:flutter|app)\.so|assets/flutter_assets/.+",
        ("Lio/flutter/",),
        "Dart does its own TLS: it takes neither the system's proxy nor CAs that were installed; record below it",
    ),
    Sign(
        "Cronet",
        r"lib/[^/]+/libcronet[^/]*\.so",
        ("Lorg/chromium/net/",),
        "Chromium's network stack: QUIC unless UDP 443 is refused; TLS in its own library where it is bundled",
    ),
    Sign(
        "Unity",
        r"lib/[^/]+/lib(?:unity|il2cpp)\.so|assets/bin/Data/.+",
        ("Lcom/unity3d/player/",),
        "its own networking goes by the platform's CAs; plugins may differ",
    ),
    Sign(
        "Xamarin or .NET",
        r"lib/[^/]+/lib(?:monodroid|monosgen-2\.0|xamarin-app)\.so|assemblies/.+",
        ("Lmono/android/",),
        "managed handlers may do their own TLS",
    ),
    Sign(
        "Cordova or Capacitor",
        r"assets/(?:www/cordova\.js|www/index\.html|public/index\.html|capacitor\.config\.json)",
        ("Lorg/apache/cordova/", "Lcom/getcapacitor/"),
        "pages in a WebView: the proxy is taken, CAs follow the network security config",
    ),
)
WEBVIEW = "WebView only"
WEBVIEW_TYPE = "Landroid/webkit/WebView;"
WEBVIEW_CALLS = frozenset((b"loadUrl", b"loadDataWithBaseURL"))
"""Methods by whose names a WebView is given its page. A library that only mentions the type has none of them."""
NETWORKING = ("Lokhttp3/", "Lcom/squareup/okhttp/", "Lretrofit2/", "Lio/ktor/client/", "Lcom/android/volley/")
CALLS = frozenset(
    ("Ljava/net/HttpURLConnection;", "Ljavax/net/ssl/HttpsURLConnection;", "Ljava/net/URLConnection;")
)


def frameworks(
    entries: Collection[str], classes: Collection[str], types: Collection[str], loads_pages: bool
) -> tuple[Framework, ...]:
    """The frameworks that show, in the order of FRAMEWORKS. `types` are those that code mentions, its own or not."""
    found = []
    for sign in FRAMEWORKS:
        whole = re.compile(sign.entries)
        evidence = [entry for entry in sorted(entries) if whole.fullmatch(entry)]
        evidence += sorted(name for name in classes if name.startswith(sign.classes))
        if evidence:
            found.append(Framework(sign.name, tuple(evidence[:EVIDENCE]), sign.note))
    known = any(name.startswith(NETWORKING) for name in classes) or CALLS & set(types)
    if not found and loads_pages and WEBVIEW_TYPE in types and not known:
        note = "no HTTP client of its own was found: what it sends, its pages send"
        found.append(Framework(WEBVIEW, (WEBVIEW_TYPE,), note))
    return tuple(found)
