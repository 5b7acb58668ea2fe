"""What became of a connection of a packet capture: its outcome, and the reason where it was not read.

In: the facts that a TCP connection showed. Out: a word of the frame `connections`, and a sentence that claims no more
than the packets do: an alert that is encrypted is not called a refusal of the certificate.
"""

from promptrail.ingest.packets.tcp import Tcp
from promptrail.ingest.packets.tls import Tls

CERTIFICATE_ALERTS = {
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    48: "unknown_ca",
}
ALERTS = CERTIFICATE_ALERTS | {
    **{10: "unexpected_message", 20: "bad_record_mac", 22: "record_overflow", 40: "handshake_failure"},
    **{47: "illegal_parameter", 49: "access_denied", 50: "decode_error", 51: "decrypt_error"},
    **{
        70: "protocol_version",
        71: "insufficient_security",
        80: "internal_error",
        86: "inappropriate_fallback",
    },
    **{109: "missing_extension", 110: "unsupported_extension", 112: "unrecognized_name"},
    **{113: "bad_certificate_status_response", 115: "unknown_psk_identity", 116: "certificate_required"},
    **{120: "no_application_protocol", 121: "ech_required"},
}
"""RFC 8446, 6, and the registry of TLS alerts."""
GENTLE = {0, 90}
"""close_notify and user_canceled end a connection and fail none."""
ENCRYPTED_ALERT = 19
"""A protected alert of TLS 1.3 has level, description, inner type and 16 bytes of tag; a Finished has 53 and more."""
FRONTS = {"cloudflare-ech.com"}
"""Public names under which operators take ECH (RFC 9849): the SNI is not the host that was meant."""
ECH = "; its hello carries ECH, or the empty show of it that browsers send (GREASE), so the SNI may be a front's"
CHECKED = (
    "the handshake was completed and the client closed without a request, "
    "as apps do that check the certificate themselves"
)


def outcome_of(connection: Tcp, keyed: bool) -> tuple[str, str | None]:
    """`keyed`: there was a key log, or secrets in the file."""
    if not sum(side.count + side.lost for side in connection.sides):
        return _empty(connection)
    tls = connection.tls
    if tls is None:
        return "read", None
    if tls.middle:
        return (
            "no-keys",
            "the capture begins in the middle of this TLS connection: its handshake is not there",
        )
    if failed := _alerted(connection, tls):
        return failed
    if tls.opened:
        return "read", _remark(connection, tls)
    return _unfinished(connection, tls) or _sealed(tls, keyed)


def _empty(connection: Tcp) -> tuple[str, str | None]:
    if connection.begun and not connection.answered:
        if connection.reset is not None and connection.reset != connection.asker:
            return "not-reached", "the server refused it (RST)"
        times = f"{connection.asked} times " if connection.asked > 1 else ""
        return "not-reached", f"the client asked {times}(SYN) and the capture holds no answer"
    return "read", "it was opened, and no byte was sent"


def _alerted(connection: Tcp, tls: Tls) -> tuple[str, str] | None:
    """A handshake that an alert ended."""
    if any(tls.sent):
        return None
    for side, description in tls.alerts:
        if description in GENTLE:
            continue
        mine = side == connection.asker
        name = f"{ALERTS.get(description, 'unknown')} ({description})"
        if mine and description in CERTIFICATE_ALERTS and tls.answered:
            return "pinned", f"the client refused the server's certificate: alert {name}"
        return "tls-failed", f"the {'client' if mine else 'server'} ended the handshake: alert {name}"
    return None


def _remark(connection: Tcp, tls: Tls) -> str | None:
    """What is to be said of a connection whose keys are there."""
    told = []
    if sum(tls.unopened):
        told.append(f"{sum(tls.unopened)} of its TLS records could not be decrypted")
    if sum(connection.holes):
        told.append(
            f"the capture lacks bytes at {sum(connection.holes)} places, behind which nothing can be decrypted"
        )
    if not any(tls.sent) and not told:
        client = connection.asker
        return CHECKED if client in connection.ended or connection.reset == client else None
    return "; ".join(told) or None


def _unfinished(connection: Tcp, tls: Tls) -> tuple[str, str] | None:
    """A handshake that came to no end, as far as this can be seen without keys."""
    client = connection.asker
    ours, theirs = tls.records[client], tls.records[1 - client]
    over = connection.reset is not None or bool(connection.ended)
    who = "client" if (connection.reset == client or client in connection.ended) else "server"
    if not tls.answered:
        if over:
            return "tls-failed", f"the {who} closed it after the client's hello"
        return "broken-off", "the capture ends behind the client's hello"
    if tls.version == "TLSv1.3":
        if ours and ours[0] == ENCRYPTED_ALERT and over:
            return "tls-failed", (
                "the client ended it with an encrypted alert before it finished the handshake: it may have refused the "
                "certificate, which cannot be told without keys"
            )
        done = bool(ours)
    else:
        done = bool(ours or theirs)
    if done:
        return None
    if not over:
        return "broken-off", "the capture ends in the handshake"
    return "tls-failed", (
        f"the {who} closed it in the handshake and no alert can be read: "
        "a client that refuses the certificate may do so"
    )


def _sealed(tls: Tls, keyed: bool) -> tuple[str, str]:
    ech = tls.hello is not None and tls.hello.ech
    if ech and tls.hello and tls.hello.sni in FRONTS:
        return (
            "ech",
            f"encrypted client hello: {tls.hello.sni} is the name of a front, the host behind it is encrypted",
        )
    why = "the key log holds no keys for it" if keyed else "TLS, and there is no key log"
    return "no-keys", why + (ECH if ech else "")
