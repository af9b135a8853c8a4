"""Read the credit line of a news agency: in a dateline, at the end of a text, or among the authors."""

import re
from collections.abc import Sequence
from typing import Final

_NAMES: Final = {
    "AP": "AP|Associated Press|The Associated Press|AP News",
    "Reuters": "Reuters|Thomson Reuters|REUTERS",
    "AFP": "AFP|Agence France-Presse|Agence France Presse|法新社",
    "dpa": "dpa|dpa-AFX|dpa international|Deutsche Presse-Agentur",
    "Xinhua": "Xinhua|XINHUA|新华社|新華社|Xinhua News Agency",
    "EFE": "EFE|Agencia EFE|EFEverde",
    "ANSA": "ANSA|Agenzia ANSA",
    "Kyodo": "Kyodo|KYODO|Kyodo News|共同通信社|共同通信|共同社|共同",
    "Jiji": "Jiji|Jiji Press|時事通信社|時事通信|時事",
    "Yonhap": "Yonhap|Yonhap News Agency|연합뉴스",
    "PA": "PA|PA Media|Press Association",
    "PTI": "PTI|Press Trust of India",
    "ANI": "ANI",
    "IANS": "IANS",
    "AAP": "AAP|Australian Associated Press",
    "CP": "CP|The Canadian Press|Canadian Press|La Presse Canadienne",
    "TASS": "TASS|ТАСС",
    "RIA": "RIA Novosti|РИА Новости",
    "Interfax": "Interfax|Интерфакс",
    "Ukrinform": "Ukrinform|Укрінформ",
    "PAP": "PAP",
    "APA": "APA",
    "Keystone-SDA": "sda|SDA|ATS|Keystone-SDA|Keystone-ATS",
    "Belga": "Belga|BELGA",
    "ANP": "ANP",
    "NTB": "NTB",
    "TT": "TT|TT Nyhetsbyrån",
    "Ritzau": "Ritzau",
    "STT": "STT",
    "Lusa": "Lusa|LUSA|Agência Lusa",
    "Europa Press": "Europa Press|EUROPA PRESS|EP",
    "Anadolu": "Anadolu Agency|Anadolu|AA",
    "Antara": "ANTARA|Antara",
    "Bernama": "Bernama|BERNAMA",
    "CNA": "中央社",
    "CNS": "中新社|中新网",
    "epd": "epd|KNA",
    "Agência Brasil": "Agência Brasil",
    "Bloomberg": "Bloomberg|Bloomberg News",
    "IPS": "IPS|Inter Press Service",
}
_AGENCIES: Final = {word: agency for agency, words in _NAMES.items() for word in words.split("|")}
# The longest first: of two names that begin alike the whole one is meant.
_ONE: Final = "|".join(map(re.escape, sorted(_AGENCIES, key=len, reverse=True)))
_HEAD: Final = 160  # characters in which a dateline stands
_TAIL: Final = 120
_PATTERNS: Final = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        # LONDON, July 14 (Reuters) - and BERLIN (dpa/lno) – and Madrid, 14 jul (EFE).-
        rf"(?:^|[\s,])[(\[（/]\s?({_ONE})(?:\s?[/,;-][^)\]）\n]{{0,30}})?\s?[)\]）/]\s{{0,2}}(?:[-–—―.:]|\s|$)",
        rf"\A\W{{0,3}}({_ONE})\s?[-–—:]\s",  # AFP - The ...
        rf"\A[A-ZÄÖÜ][^\n]{{1,40}}?[,.]\s({_ONE})\s?[-–—]{{1,2}}\s",  # Paris, AFP – The ...
        rf"\A[【（(]?({_ONE})[\u4e00-\u9fff]{{0,8}}\d{{0,2}}月?\d{{0,2}}日?(?:电|電)",  # 新华社北京7月14日电
        rf"\A【[\u3040-\u9fff]{{0,8}}?({_ONE})】",  # 【北京共同】
        rf"\A[（(][^)）\n]{{0,12}}=({_ONE})[)）]",  # (서울=연합뉴스)
    )
)
_SIGNED: Final = re.compile(
    rf"(?:^|[.!?。”\"]\s|©\s?(?:\d{{4}}\s)?|[(（\[/—–-]\s?)({_ONE})\s?[)）\]/]?\.?\s*\Z", re.MULTILINE
)
_BETWEEN: Final = re.compile(r"\s*[,/|()]\s*|\s+(?:and|und|et|y|with|via)\s+|^(?:by|von|par|por)\s+", re.IGNORECASE)


def agency_of(text: str, authors: Sequence[str]) -> str | None:
    """Return the agency that a story credits; None where it credits none."""
    head, tail = text[:_HEAD], text[-_TAIL:].rstrip()
    for pattern in _PATTERNS:
        if found := pattern.search(head):
            return _AGENCIES[found[1]]
    if found := _SIGNED.search(tail):
        return _AGENCIES[found[1]]
    named = (_AGENCIES.get(part.strip()) for author in authors for part in _BETWEEN.split(author[:200]))
    return next((agency for agency in named if agency), None)
