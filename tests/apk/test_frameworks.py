"""What an app is built with: each framework by what shows it, and a WebView only where nothing else is."""

import pytest

from promptrail.apk.frameworks import frameworks

VIEW = {"Landroid/webkit/WebView;"}


@pytest.mark.parametrize(
    ("entry", "descriptor", "name"),
    [
        ("assets/index.android.bundle", "", "React Native"),
        ("lib/arm64-v8a/libhermes.so", "", "React Native"),
        ("", "Lcom/facebook/react/ReactActivity;", "React Native"),
        ("lib/arm64-v8a/libflutter.so", "", "Flutter"),
        ("assets/flutter_assets/kernel_blob.bin", "", "Flutter"),
        ("lib/x86_64/libcronet.119.0.6045.31.so", "", "Cronet"),
        ("", "Lorg/chromium/net/CronetEngine;", "Cronet"),
        ("lib/armeabi-v7a/libunity.so", "", "Unity"),
        ("assemblies/assemblies.blob", "", "Xamarin or .NET"),
        ("assets/www/cordova.js", "", "Cordova or Capacitor"),
    ],
)
def test_each_framework_shows_by_its_signs(entry: str, descriptor: str, name: str) -> None:
    """An entry or a class is enough, and is told as evidence."""
    (found,) = frameworks({entry} - {""}, {descriptor} - {""}, set(), False)
    assert found.name == name and found.evidence == (entry or descriptor,) and found.note


@pytest.mark.parametrize(
    ("classes", "types", "loads", "names"),
    [
        (set(), VIEW, True, ["WebView only"]),
        (set(), VIEW, False, []),
        (set(), set(), True, []),
        ({"Lokhttp3/OkHttpClient;"}, VIEW, True, []),
        (set(), VIEW | {"Ljava/net/HttpURLConnection;"}, True, []),
        ({"Lio/flutter/app/FlutterActivity;"}, VIEW, True, ["Flutter"]),
    ],
)
def test_webview_only_means_nothing_else_could_send(
    classes: set[str], types: set[str], loads: bool, names: list[str]
) -> None:
    """A library that merely mentions the type does not make an app of pages, nor does a WebView beside a client."""
    assert [one.name for one in frameworks(set(), classes, types, loads)] == names


def test_an_entry_that_only_resembles_one_does_not_show() -> None:
    """The whole name has to match."""
    assert not frameworks(
        {"assets/xlib/arm64-v8a/libflutter.so", "assets/my-index.android.bundle.txt"}, set(), set(), 1
    )
