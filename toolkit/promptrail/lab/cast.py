"""The values that the lab's user types and the lab's phone has, made from a seed: the probes of a lab case.

Each text reads like something that a person might type and ends in a rare word and four digits, so that it can neither
be met by chance nor be taken for a test string by eye.
"""

import random
import uuid

from promptrail.model import Probe

RARE = (
    "marlinspike",
    "quincunx",
    "sarsaparilla",
    "zugzwang",
    "isopleth",
    "tarpaulin",
    "gossamer",
    "widdershins",
)
RARE_KOREAN = ("참매", "너울가지", "윤슬", "미리내", "볕뉘", "달보드레", "가온누리", "시나브로")
PROMPTS = (
    "Please help me word a resignation letter, I leave the company in March and my staff code is",
    "Summarise these notes for the board before the merger is public, working title",
    "What should I ask the doctor about my test results, my patient reference is",
    "Draft a polite reply to my landlord about the deposit, the contract is filed under",
)
KOREAN = (
    "다음 주 이사회에서 쓸 발표문을 부드럽게 다듬어 줘, 사업 암호명은",
    "퇴직금 문제로 노무사에게 보낼 편지를 써 줘, 사건 이름은",
    "병원 검사 결과를 쉽게 설명해 줘, 내 진료 기록 이름은",
)
DRAFTS = (
    "Actually do not mention that I am looking at other jobs, least of all the one at",
    "I never told anyone that the audit found something in the account named",
)


def cast(seed: int) -> list[Probe]:
    """The probes p1, p2 (Korean), p3, d1, did, adid, email, file1: the same for the same seed."""
    rng = random.Random(f"promptrail lab {seed}")
    rare = rng.sample(RARE, 5)

    def number() -> str:
        return f"{rng.randrange(1000, 10000)}"

    first, second = rng.sample(PROMPTS, 2)
    return [
        Probe("p1", "prompt", f"{first} {rare[0]} {number()}"),
        Probe("p2", "prompt", f"{rng.choice(KOREAN)} {rng.choice(RARE_KOREAN)} {number()}"),
        Probe("p3", "prompt", f"{second} {rare[1]} {number()}"),
        Probe("d1", "draft", f"{rng.choice(DRAFTS)} {rare[2]} {number()}"),
        Probe("did", "identifier", f"{rng.getrandbits(64):016x}"),
        Probe("adid", "identifier", str(uuid.UUID(int=rng.getrandbits(128), version=4))),
        Probe("email", "email", f"{rare[3]}.{number()}@mail.example"),
        Probe("file1", "file-name", f"minutes-{rare[4]}-{number()}.txt"),
    ]
