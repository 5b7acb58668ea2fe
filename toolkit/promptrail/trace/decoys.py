"""Decoys: values of a probe's kind that were never typed, so that a match of one is a false discovery.

Other sentences in the same language, other addresses at the same provider, ids of the same form with valid check
digits. Derived from the probe alone, so the same case has the same decoys on every machine.
"""

import random
import re
from collections.abc import Iterable

from promptrail.model import Probe

AT_LEAST = 200
"""In a pass: none of 200 matched means that at most 1.5 % do (95 % confidence)."""
DIGITS, LOWER, UPPER = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ENGLISH = """
about after again all also always and another answer any are around ask back because before best
better big both bring build but buy by call can car care change child city clear close cold come
company cost could country course day deal door down draft drive each early easy eat email end
enough even every example explain family far father few find first follow food for friend from
garden give good great group grow hand hard have head health hear help her here high home hope hour
house how idea if important into job just keep kind know large last late law learn leave letter life
light like line list little live long look make many market may mean meet money month more most
mother move music must name near need never new next night not number of off office often old on
once one only open or other our out over own paper part pay people phone place plan play please
point price problem public put question quick quiet rain read real reason reply report rest right
river road room run same save say school sea second see send seven she short should show side simple
sister six small so some soon sorry south start still story street strong such sun sure table take
talk teacher tell ten than thank that the their them then there they thing think this three through
time to today together town train travel tree true try turn two under until up use very visit voice
wait walk want warm water way week well what when where which while white who why will winter wish
with without woman word work world would write year yes yet you young your
""".split()  # noqa: SIM905
KOREAN = """
오늘 내일 어제 회의 계약 보고 문서 편지 질문 대답 회사 학교 병원 가족 친구 아이 부모 선생 시간 날짜 주말 아침 저녁
점심 도시 나라 바다 산 강 길 집 방 문 창 책 글 말 소리 음악 그림 사진 여행 기차 비행기 버스 자동차 음식 물 커피
과일 돈 가격 시장 가게 일 계획 문제 방법 이유 결과 시작 끝 봄 여름 가을 겨울 비 눈 바람 하늘 나무 꽃 정리해 알려
써 줘 부탁해 요약해
""".split()  # noqa: SIM905
CHINESE = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出"
    "就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所"
    "民得经"
)
WORD = re.compile(r"[A-Za-z]+|[\uac00-\ud7a3]+|[\u4e00-\u9fff]+|[0-9]|.", re.S)


def decoys(probes: Iterable[Probe], at_least: int = AT_LEAST) -> list[Probe]:
    """At least one decoy for every probe, and as many in all as asked for; ids like p1~3."""
    given = list(probes)
    each = max(1, -(-at_least // len(given))) if given else 0
    taken = {p.text for p in given}
    out = []
    for probe in given:
        number = attempt = 0
        while number < each and attempt < 20 * each:
            chance = random.Random(f"promptrail decoy {probe.kind} {attempt} {probe.text}")
            attempt += 1
            text = _alike(probe, chance)
            if text not in taken:
                taken.add(text)
                out.append(Probe(f"{probe.probe}~{number}", probe.kind, text, True, probe.probe))
                number += 1
    return out


def _alike(probe: Probe, chance: random.Random) -> str:
    """Another value of the same kind and form."""
    text = probe.text
    if probe.kind in ("prompt", "draft"):
        return "".join(_word(word, chance) for word in WORD.findall(text))
    if probe.kind == "email" and "@" in text:
        name, _, domain = text.rpartition("@")
        return f"{_shape(name, chance)}@{domain}"
    if probe.kind == "phone":
        return text[:3] + _shape(text[3:], chance)
    if probe.kind == "identifier" and len(text) == 15 and text.isdigit():
        return _luhn(text[:8] + _shape(text[8:14], chance))
    compact = re.sub(r"[-:]", "", text)
    hexadecimal = probe.kind == "identifier" and bool(re.fullmatch("[0-9a-fA-F]+", compact))
    return _shape(text, chance, hexadecimal)


def _word(word: str, chance: random.Random) -> str:
    """A word by another word of its language; digits by digits; everything else stays."""
    if word[0].isdigit() and word.isascii():
        return chance.choice(DIGITS)
    if "\uac00" <= word[0] <= "\ud7a3":
        return chance.choice(KOREAN)
    if "\u4e00" <= word[0] <= "\u9fff":
        return "".join(chance.choice(CHINESE) for _ in word)
    if word.isascii() and word.isalpha():
        other = chance.choice(ENGLISH)
        return (
            other.upper()
            if word.isupper() and len(word) > 1
            else other.capitalize()
            if word[0].isupper()
            else other
        )
    return word


def _shape(text: str, chance: random.Random, hexadecimal: bool = False) -> str:
    """Each letter or digit by another of its class; separators stay; hex stays hex."""
    return "".join(_character(c, chance, hexadecimal) for c in text)


def _character(char: str, chance: random.Random, hexadecimal: bool) -> str:
    if hexadecimal and char.isalnum():
        return chance.choice("0123456789ABCDEF" if char.isupper() else "0123456789abcdef")
    for pool in (DIGITS, LOWER, UPPER):
        if char in pool:
            return chance.choice(pool)
    if "\uac00" <= char <= "\ud7a3":
        return chr(chance.randint(0xAC00, 0xD7A3))
    return chance.choice(CHINESE) if "\u4e00" <= char <= "\u9fff" else char


def _luhn(digits: str) -> str:
    """The digits and their check digit (ISO/IEC 7812-1), as an IMEI has it."""
    total = sum(sum(divmod(2 * int(d), 10)) if n % 2 == 0 else int(d) for n, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)
