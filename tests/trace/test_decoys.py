"""Decoys are of their probe's kind, many, distinct, and the same everywhere."""

import pytest

from promptrail.model import Probe
from promptrail.trace.decoys import AT_LEAST, decoys

PROBES = [
    Probe("p1", "prompt", 'May I record "Min-jun" at 9? plover-6612'),
    Probe("p2", "prompt", "우리 팀의 계획을 요약해 줘. 너울가지 3154"),
    Probe("p3", "prompt", "请把会议纪要写成邮件 5521"),
    Probe("i1", "identifier", "3f0c9d8e-1111-4222-8333-abcdefabcdef"),
    Probe("i2", "identifier", "356938035643809"),
    Probe("e1", "email", "min.jun@mail.example"),
    Probe("t1", "phone", "+82 10-1234-5678"),
]


def luhn(digits: str) -> bool:
    """Whether the check digit is right (ISO/IEC 7812-1)."""
    doubled = (sum(divmod(2 * int(d), 10)) if n % 2 else int(d) for n, d in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0


def test_there_are_enough_and_none_twice() -> None:
    """At least one a probe and two hundred in all; none equals a probe or another decoy."""
    made = decoys(PROBES)
    assert len(made) >= AT_LEAST and len({d.text for d in made} | {p.text for p in PROBES}) == len(
        made
    ) + len(PROBES)
    assert {d.of for d in made} == {p.probe for p in PROBES} and all(d.decoy for d in made)
    assert made == decoys(PROBES)
    assert len(decoys([])) == 0


@pytest.mark.parametrize(
    ("probe", "holds"),
    [
        ("p1", lambda t: t.isascii() and len(t.split()) == 7 and t.endswith(tuple("0123456789"))),
        ("p2", lambda t: any("가" <= c <= "힣" for c in t)),
        ("p3", lambda t: any("一" <= c <= "鿿" for c in t)),
        ("i1", lambda t: [len(x) for x in t.split("-")] == [8, 4, 4, 4, 12] and set(t) <= set("0123456789abcdef-")),
        ("i2", lambda t: len(t) == 15 and luhn(t)),
        ("e1", lambda t: t.endswith("@mail.example")),
        ("t1", lambda t: t.startswith("+82 ") and len(t) == 16),
    ],
)  # fmt: skip
def test_a_decoy_is_of_its_kind(probe: str, holds: object) -> None:
    """Same language, same provider, same form; check digits are valid."""
    mine = [d.text for d in decoys(PROBES) if d.of == probe]
    assert len(mine) > 10 and all(holds(text) for text in mine)  # type: ignore[operator]
