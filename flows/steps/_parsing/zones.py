"""Time zones by their letters, as data: what they mean everywhere, and in one country. And those that a place names."""

import re
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

_PLACE = re.compile(r"[a-z_]+(?:/[a-z_-]+){1,2}")

# Minutes east of UTC. The American letters are here because the standard of mail dates gives them this meaning.
_EVERYWHERE = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "azost": 0, "cvt": -60, "azot": -60,
    "west": 60, "cet": 60, "mez": 60, "met": 60, "wat": 60, "hnec": 60,
    "cest": 120, "mesz": 120, "mest": 120, "heec": 120, "eet": 120, "sast": 120, "cat": 120,
    "eest": 180, "msk": 180, "eat": 180, "trt": 180, "idt": 180, "irst": 210, "msd": 240, "samt": 240, "azt": 240,
    "get": 240, "aft": 270, "irdt": 270,
    "pkt": 300, "uzt": 300, "yekt": 300, "tjt": 300, "tmt": 300, "mvt": 300, "slst": 330, "npt": 345,
    "btt": 360, "bdt": 360, "omst": 360, "kgt": 360, "almt": 360, "mmt": 390, "ict": 420, "wib": 420, "krat": 420,
    "novt": 420,
    "hkt": 480, "sgt": 480, "myt": 480, "pht": 480, "phst": 480, "awst": 480, "wita": 480, "irkt": 480, "ulat": 480,
    "jst": 540, "kst": 540, "wit": 540, "yakt": 540, "acst": 570, "aest": 600, "chst": 600, "pgt": 600, "vlat": 600,
    "acdt": 630, "aedt": 660, "nzst": 720, "fjt": 720, "nzdt": 780,
    "ndt": -150, "brst": -120, "hat": -150, "brt": -180, "art": -180, "adt": -180, "clst": -180, "uyt": -180,
    "pmst": -180,
    "nst": -210, "hnt": -210, "clt": -240, "bot": -240, "vet": -240, "gyt": -240, "edt": -240, "hae": -240, "hna": -240,
    "est": -300, "cdt": -300, "cot": -300, "pet": -300, "ect": -300, "hne": -300, "hac": -300,
    "cst": -360, "mdt": -360, "hnc": -360, "mst": -420, "pdt": -420, "hap": -420, "pst": -480, "akdt": -480,
    "hnp": -480, "akst": -540, "hst": -600,
}  # fmt: skip
# Several countries mean different things by these. What feeds most often mean is taken, and marked as assumed.
_USUALLY = {
    "ist": 330, "bst": 60, "ast": -240, "gst": 240, "amt": -240, "wst": 480, "et": -300, "ct": -360, "mt": -420,
    "pt": -480,
}  # fmt: skip
# Letters: the country and its minutes, once more for each. Sorted by letters.
_IN_COUNTRY = {
    "adt": "CA -180 BM -180 IQ 240",
    "amt": "AM 240 BR -240",
    "ast": "CA -240 US -240 PR -240 BM -240 BB -240 TT -240 DO -240 AG -240 SA 180 KW 180 BH 180 QA 180 IQ 180 YE 180",
    "bst": "GB 60 UK 60 IM 60 JE 60 GG 60 BD 360 BR -120 PG 660",
    "cdt": "AU 630 CU -240 CN 540",
    "cst": "AU 570 CN 480 TW 480 HK 480 MO 480 CU -300",
    "ect": "FR 60 EC -300",
    "edt": "AU 660",
    "est": "AU 600",
    "gst": "AE 240 OM 240 GU 600 GS -120",
    "ist": "IN 330 LK 330 IL 120 PS 120 IE 60",
    "mst": "MY 480 RU 180",
    "pst": "PH 480 PK 300 PN -480",
    "sst": "SG 480 WS -660 AS -660 LK 330",
    "wst": "AU 480 WS 780 EH 60",
}  # fmt: skip
_BY_COUNTRY = {
    letters: dict(zip(pairs.split()[::2], map(int, pairs.split()[1::2]), strict=True))
    for letters, pairs in _IN_COUNTRY.items()
}


def zone_minutes(letters: str, country: str) -> tuple[int, bool] | None:
    """Return how many minutes east of UTC a zone is, and whether that is only assumed. None where nobody knows it."""
    if (here := _BY_COUNTRY.get(letters, {}).get(country)) is not None:
        return here, False
    if letters in _EVERYWHERE:
        return _EVERYWHERE[letters], False
    return (_USUALLY[letters], True) if letters in _USUALLY else None


def named_zone(text: str) -> ZoneInfo | None:
    """Return the zone of a place that a folded text names, as `europe/paris`; None where none is."""
    place = _PLACE.search(text)
    name = _places().get(place[0]) if place else None
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, OSError):  # listed, and not there
        return None


@cache
def _places() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}
