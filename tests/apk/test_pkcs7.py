"""The signers of a PKCS #7 file: byte for byte, by what the signer infos name, and frames that are broken."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from apk.packages import certificate, pkcs7_signature, signer
from promptrail.apk.pkcs7 import Misshapen, signers

WHOLE = pkcs7_signature("Some authority")


def test_the_signers_certificate_is_given_as_it_stands() -> None:
    """The digest of a certificate is over these bytes; what a parser would write anew may have another."""
    assert signers(pkcs7_signature()) == [certificate()]


def test_certificates_that_signed_nothing_are_left_out() -> None:
    """The authority's lies in the file too."""
    leaf = signer("Test fixture", "Some authority")[1].public_bytes(Encoding.DER)
    authority = signer("Some authority")[1].public_bytes(Encoding.DER)
    assert signers(WHOLE) == [leaf] and authority in WHOLE


def test_a_name_in_another_kind_of_string_is_the_same_name() -> None:
    """A signer info may write as PrintableString what the certificate has as UTF8String; capitals do not count."""
    at = WHOLE.rindex(b"\x0c\x0eSome authority")
    assert signers(WHOLE[:at] + b"\x13\x0eSOME AUTHORITY" + WHOLE[at + 16 :]) == signers(WHOLE)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no tag 0x30"),
        (b"hello", "a length in it points outside it"),
        (b"\x30\x80\x00\x00", "not definite"),
        (b"\x30\x00", "holds no signed data"),
        (b"\x30\x04\xa0\x02\x30\x00", "holds no signer infos"),
        (b"\x30\x06\xa0\x04\x30\x02\x31\x00", "no certificate in it is the one of a signer"),
        (b"\x30\x08\xa0\x06\x30\x04\x31\x02\x30\x00", "a signer info names no certificate"),
        (b"\x30\x89\x01", "not definite, or cut short"),
        (b"\x30", "ends within a length"),
        (WHOLE[:-1], "points outside it"),
    ],
)
def test_a_frame_that_is_broken_says_where(data: bytes, said: str) -> None:
    """No length is believed."""
    with pytest.raises(Misshapen, match=said):
        signers(data)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_any_byte_may_be_another(at: int, value: int) -> None:
    """It is found misshapen, or there are signers."""
    try:
        assert signers(WHOLE[:at] + bytes([value]) + WHOLE[at + 1 :])
    except Misshapen as fault:
        assert str(fault)
