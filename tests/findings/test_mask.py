"""Credentials and personal values never reach a page; ordinary text does."""

import base64
from urllib.parse import quote

import pytest

from promptrail.findings.mask import Mask
from promptrail.model import Probe

MAIL = Probe("e1", "email", "min-jun.park@mail.example")
PROMPT = Probe("p1", "prompt", "May I record a meeting? plover-6612")
SECRET = "s3cr3t-VALUE-0123456789"


@pytest.mark.parametrize(
    "text",
    [
        f'{{"access_token":"{SECRET}","q":1}}',
        f'{{"apiKey": "{SECRET}"}}',
        f'{{"p":"{{\\"session_id\\":\\"{SECRET}\\"}}"}}',
        f"https://a.test/x?q=1&token={SECRET}",
        f"a=1&password={SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"x-api-key: {SECRET}",
        f"Cookie: sid={SECRET}; other={SECRET}",
        f"auth is Bearer {SECRET}",
        "jwt eyJhbGciOiJIUzI1NiJ9.eyJ" + "c2VjcmV0" + "LTAxMjM.s3cr3t-VALUE-0123456789",
    ],
)
def test_credentials_are_withheld(text: str) -> None:
    """Tokens, keys, passwords, cookies and JWTs, in JSON, forms, URLs and headers."""
    masked = Mask([]).text(text)
    assert SECRET not in masked and "[withheld: " in masked


@pytest.mark.parametrize(
    "written",
    [
        MAIL.text,
        MAIL.text.upper(),
        quote(MAIL.text, safe=""),
        base64.b64encode(MAIL.text.encode()).decode(),
        MAIL.text.encode().hex(),
    ],
)
def test_personal_values_become_labels(written: str) -> None:
    """However an e-mail address is written, the page shows its label; with show_values the value."""
    assert Mask([MAIL]).text(f"<{written}>") in (
        "<[email e1]>",
        "<[email e1]==>",
        "<[email e1]=>",
    ) or written[:12] not in Mask([MAIL]).text(written)
    assert written in Mask([MAIL], show_values=True).text(written)


@pytest.mark.parametrize(
    "text",
    ["POST /v1/chat?q=hello", '{"message":"hello","tokens_used":17}', PROMPT.text, "max_tokens=200&x=1"],
)
def test_ordinary_text_stays(text: str) -> None:
    """Prompts, counts of tokens and plain parameters are not credentials."""
    assert Mask([MAIL, PROMPT]).text(text) == text


def test_header_values_of_credentials_are_withheld_whole() -> None:
    """Authorization and cookies by name, whatever they hold; other headers are shown."""
    shown = dict(
        Mask([]).headers(
            [
                (b"Authorization", b"x y"),
                (b"Set-Cookie", b"a=b"),
                (b"X-Auth-Token", b"zz"),
                (b"Accept", b"*/*"),
            ]
        )
    )
    assert shown == {
        "Authorization": "[withheld: 3 characters]",
        "Set-Cookie": "[withheld: 3 characters]",
        "X-Auth-Token": "[withheld: 2 characters]",
        "Accept": "*/*",
    }


def test_spans_do_not_overlap() -> None:
    """Stretches come in order and apart, so that a page can cut between them."""
    spans = Mask([MAIL]).spans(f'{{"token":"{MAIL.text}","m":"{MAIL.text}"}}'.encode())
    assert len(spans) == 2 and spans[0].end <= spans[1].start


def test_user_and_password_in_a_url_are_withheld() -> None:
    """https://user:password@host shows neither."""
    assert Mask([]).url("https://me:pass@a.test/x") == "https://[withheld]@a.test/x"
