"""The batches that the lab's apps send to the cloud vendor: events in, gzip'd JSON and what it carries out.

The shape follows what analytics kits are known to send: an array of batches, each with a header about the device and
events whose `params` are JSON inside a string.
"""

import base64
import gzip
import json
import time
from typing import Any

from promptrail.lab.answer_key import Planted

OUTER = ("gzip", "json")
HEADER = {
    "os_name": "Android",
    "os_version": "15",
    "device_model": "SIM-8",
    "resolution": "1080x2400",
    "language": "ko",
    "timezone": 9,
    "access": "wifi",
    "battery": 71,
}


class Batch:
    """One POST to the cloud vendor. `text` and `draft` are what version "before" hands over and "after" does not."""

    def __init__(
        self, app: str, version: str, session: str, probes: dict[str, dict[str, str]], device: str | None
    ):
        """`device` is an app's own id where it is not the probe `did` (another app on the same phone)."""
        self._value = {name: probe["text"] for name, probe in probes.items()}
        self._events: list[dict[str, Any]] = []
        self._session = session
        self.planted = [Planted("adid", "body", OUTER, "/0/header/advertising_id")]
        self._header = {"app": app, "app_version": version, **HEADER, "advertising_id": self._value["adid"]}
        if device is None:
            self.planted.append(Planted("did", "body", OUTER, "/0/header/device_id"))
        self._own_device = device is None
        self._header["device_id"] = device or self._value["did"]

    def event(self, name: str, text: str | None = None, draft: str | None = None, **params: Any) -> "Batch":
        """Add an event; `text` and `draft` are ids of probes. Returns the batch."""
        at = f"/0/events/{len(self._events)}"
        inner: dict[str, Any] = {"device": self._header["device_id"], **params}
        if self._own_device:
            self.planted.append(Planted("did", "body", (*OUTER, "json"), f"{at}/params > /device"))
        if text:
            inner["content"] = self._value[text]
            self.planted.append(Planted(text, "body", (*OUTER, "json"), f"{at}/params > /content"))
        event: dict[str, Any] = {
            "event": name,
            "params": json.dumps(inner, ensure_ascii=False),
            "local_time_ms": int(time.time() * 1000),
            "session_id": self._session,
        }
        if draft:
            snapshot = json.dumps({"field": "composer", "draft": self._value[draft]}, ensure_ascii=False)
            event["snapshot"] = base64.b64encode(snapshot.encode()).decode()
            self.planted.append(Planted(draft, "body", (*OUTER, "base64", "json"), f"{at}/snapshot > /draft"))
        self._events.append(event)
        return self

    def body(self) -> bytes:
        """The batch as sent; gzip's own time stamp is left out."""
        batch = [{"header": self._header, "events": self._events}]
        return gzip.compress(json.dumps(batch, ensure_ascii=False).encode(), mtime=0)
