"""What a person does to send a browser's or phone's traffic through the proxy: address, port and CA in, lines out."""

import socket
from collections.abc import Iterator
from pathlib import Path

EVERYWHERE = ("", "0.0.0.0", "::")


def instructions(host: str, port: int, ca: Path, folder: Path) -> Iterator[str]:
    """Lines for a person; `host` is what the proxy listens on, "" for every address of this machine."""
    near = "127.0.0.1" if host in EVERYWHERE else host
    far = own_address() if host in EVERYWHERE else host
    yield f"Recording into {folder}"
    yield f"Proxy: address {far or near}, port {port}" + (
        f" ({near} on this machine)" if far not in (None, near) else ""
    )
    yield f"CA certificate: {ca}"
    yield ""
    yield "A browser on this machine, with a profile of its own:"
    yield f'  chromium --proxy-server=http://{near}:{port} --user-data-dir="$(mktemp -d)"'
    yield "  then open http://mitm.it in it and install the certificate that the page offers for your system."
    if far and not far.startswith("127."):
        yield "A phone or another device in the same network:"
        yield f"  Wi-Fi settings, this network, proxy: manual, host {far}, port {port};"
        yield "  then open http://mitm.it on it, install the certificate, and on iOS also switch it on under"
        yield "  General, About, Certificate Trust Settings. Android apps trust it only if they say so, or if it"
        yield "  lies in the system store; an app that refuses it appears in the report as unseen."
        yield "  Whoever is in this network can use the proxy until you close it; --host 127.0.0.1 prevents that."
        yield "  Afterwards remove the proxy setting and the certificate from the device."
    yield ""
    yield "Record only what you may. Ctrl-C closes and seals the recording."


def own_address() -> str | None:
    """This machine's address towards the network; None without one. Nothing is sent: UDP only chooses a route."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1, RFC 5737
            return str(probe.getsockname()[0])
        except OSError:
            return None
