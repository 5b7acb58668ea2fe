"""The values that the lab's user types and the lab's phone has, made from a seed: the probes of a lab case.

Each text reads like something that a person might type and ends in a rare word and four digits, so that it can neither
be met by chance nor be taken for a test string by eye.
"""

import random
import uuid
from collections.abc import Iterable

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

RARE_CHINESE = ("鹭洲渡", "松烟阁", "青圭湾", "听潮亭", "落霞坞", "雁回岭")
RARE_JAPANESE = ("白鷺", "夕凪", "薄墨", "山吹", "朧月")
SAMPLED = {
    "en": ('Word my complaint to "Harrow & Sons" about the R+D cuts, my case is kept under {} {}', RARE),
    "ko": (
        '"한결 & 벗" 회사의 R+D 감축에 항의하는 글을 써 줘, 사건은 다음 이름으로 보관돼: {} {}',
        RARE_KOREAN,
    ),
    "zh": ('帮我给"远山 & 河湾"公司写一封关于削减R+D经费的投诉信, 我的档案名称是 {} {}', RARE_CHINESE),
    "ja": (
        "「遠山 & 川瀬」社に研究費の削減について抗議する手紙を書いてください、件名は {} {}",
        RARE_JAPANESE,
    ),
}
"""What the Sampler sends in every encoding: with the characters that JSON, XML, forms and URLs must escape."""


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


def sampled(probes: Iterable[Probe]) -> list[Probe]:
    """The Sampler's prompts s-en, s-ko, s-zh, s-ja: the same for a case with the same first probe."""
    rng = random.Random(f"promptrail lab encodings {next(p.text for p in probes)}")
    return [
        Probe(f"s-{language}", "prompt", sentence.format(rng.choice(rare), rng.randrange(1000, 10000)))
        for language, (sentence, rare) in SAMPLED.items()
    ]
