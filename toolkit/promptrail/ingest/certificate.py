"""The names in a server's certificate and its issuer, from PEM: what says whose server answered.

In: a certificate as the capture holds it. Out: subjectAltName and issuer (RFC 5280) as text, or None where it is no
certificate that can be read. The same certificate is read once.
"""

from functools import lru_cache


@lru_cache(maxsize=1024)
def names_and_issuer(pem: bytes) -> tuple[list[str], str] | None:
    """subjectAltName values, and the issuer as `CN=..., O=...`."""
    from cryptography import x509

    try:
        leaf = x509.load_pem_x509_certificate(pem)
        issuer = ", ".join(
            f"{part.rfc4514_string().partition('=')[0]}={_text(part.value)}" for part in leaf.issuer
        )
        try:
            names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return [], issuer
        return [str(getattr(name, "value", name)) for name in names], issuer
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return None


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else str(value)
