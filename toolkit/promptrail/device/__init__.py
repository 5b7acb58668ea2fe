"""What stands between us and an app: the proxy and its CA; later adb, the emulator, traffic routing, Frida."""
