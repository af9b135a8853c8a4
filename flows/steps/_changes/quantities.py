"""Read amounts: a number in figures or words, its scale and its unit."""

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from flows.steps._changes.tokens import Token


def _table(*rows: tuple[float, str]) -> dict[str, float]:
    return {word: value for value, words in rows for word in words.split()}


# One to twelve, the tens and a hundred; "one" is an article in too many languages to be a number.
_WORDS: Final = _table(
    (0, "zero null cero"),
    (2, "two zwei deux dos due dois duas twee två to dwa dwie два две"),
    (3, "three drei trois tres tre três drie trzy три"),
    (4, "four vier quatre cuatro quattro quatro fyra fire cztery четыре"),
    (5, "five fünf cinq cinco cinque vijf fem pięć пять"),
    (6, "six sechs seis sei zes sex seks sześć шесть"),
    (7, "seven sieben sept siete sette sete zeven sju syv siedem семь"),
    (8, "eight acht huit ocho otto oito åtta otte osiem восемь"),
    (9, "nine neun neuf nueve nove negen nio ni dziewięć девять"),
    (10, "ten zehn dix diez dieci dez tien tio ti dziesięć десять"),
    (11, "eleven elf onze once undici elva"),
    (12, "twelve zwölf douze doce dodici doze twaalf tolv dozen"),
    *((value, f"{word}") for value, word in enumerate(["thirteen", "fourteen", "fifteen", "sixteen"], 13)),
    *((value, f"{word}") for value, word in enumerate(["seventeen", "eighteen", "nineteen"], 17)),
    (20, "twenty zwanzig vingt veinte venti vinte twintig tjugo tyve"),
    (30, "thirty dreißig trente treinta trenta trinta dertig trettio"),
    (40, "forty vierzig quarante cuarenta quaranta quarenta veertig"),
    (50, "fifty fünfzig cinquante cincuenta cinquanta cinquenta vijftig"),
    (60, "sixty sechzig soixante sesenta sessanta sessenta zestig"),
    (70, "seventy siebzig setenta settanta zeventig"),
    (80, "eighty achtzig ochenta ottanta oitenta tachtig"),
    (90, "ninety neunzig noventa novanta negentig"),
    (100, "hundred hundert cent cien cento cem honderd hundra hundre"),
)
_SCALES: Final = _table(
    (1e3, "thousand tausend mila mil duizend tusen tusind tysięcy тысяч тысячи 千 천"),
    (1e4, "万 萬 만"),
    (1e6, "million millions m mn mio mln millionen millones millón milioni milione milhões milhão miljoen miljoner"),
    (1e6, "millioner milionów milion миллион миллиона миллионов млн"),
    (1e8, "亿 億 억"),
    (1e9, "billion billions bn mrd milliarde milliarden milliard milliards miliardi miliardo bilhões bilhão miljard"),
    (1e9, "miljarder milliarder miliardów миллиард миллиарда миллиардов млрд"),
    (1e12, "trillion trillions tn billionen billones trilhões biljoen biljoner триллион триллионов 兆 조"),
)
_UNITS: Final = {
    word: unit
    for unit, words in {
        "%": "% percent percentage prozent pourcent procent prosent procentów процент процента процентов",
        "km": "km kilometre kilometres kilometer kilometers kilomètres kilómetros quilômetros chilometri километров",
        "miles": "mile miles",
        "m": "metre metres meter meters mètres metros metri метров",
        "cm": "cm centimetre centimetres centimeter centimeters zentimeter",
        "feet": "foot feet ft",
        "mm": "mm millimetre millimetres millimeter millimeters",
        "°": "° degree degrees grad degrés degré grados gradi graus graden градусов градуса 度 도",
        "tonnes": "tonne tonnes tonnen toneladas tonnellate ton тонн 吨 噸 トン 톤",
        "tons": "tons",
        "kg": "kg kilogram kilograms kilogramm",
        "hectares": "hectare hectares hektar hectáreas ettari ha гектаров 公顷",
        "acres": "acre acres",
        "kW": "kw kilowatt kilowatts",
        "MW": "mw megawatt megawatts мвт 兆瓦",
        "GW": "gw gigawatt gigawatts 吉瓦",
        "years": "year years jahre jahren ans años anni anos jaar лет года 年 년",
        "days": "day days tage tagen jours días giorni dias dagen дней",
        "$": "$ dollar dollars 美元 ドル 달러",
        "€": "€ euro euros",
        "£": "£ pound pounds",
    }.items()
    for word in words.split()
}
_BEFORE: Final = frozenset("$€£¥₹")
_GROUPED: Final = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_CELSIUS: Final = frozenset(("c", "celsius", "摄"))


class Quantity(Struct, frozen=True):
    """An amount in a sentence."""

    first: int  # the place of its first token, and behind its last one
    end: int
    number: int  # the place of the number itself
    values: frozenset[float]  # that it can mean: 1.000 is one or a thousand
    unit: str | None
    is_known_unit: bool

    def is_as(self, other: "Quantity") -> bool:
        """Tell whether two amounts may be the same."""
        if self.is_known_unit and other.is_known_unit and self.unit != other.unit:
            return False
        return any(math.isclose(one, two, rel_tol=1e-9) for one in self.values for two in other.values)


def quantities(found: Sequence[Token]) -> list[Quantity]:
    """Return the amounts of a sentence, in order."""
    return [_quantity(found, at) for at in range(len(found)) if _values(found[at])]


def _quantity(found: Sequence[Token], at: int) -> Quantity:
    values, end = _values(found[at]), at + 1
    while end < len(found) and (scale := _SCALES.get(_word(found[end]))):
        values, end = frozenset(value * scale for value in values), end + 1
    first = at - 1 if at and found[at - 1].text in _BEFORE else at
    if first < at:
        return Quantity(first, end, at, values, _UNITS.get(found[first].text, found[first].text), is_known_unit=True)
    unit, end, is_known = _unit(found, end)
    return Quantity(at, end, at, values, unit, is_known)


def _unit(found: Sequence[Token], at: int) -> tuple[str | None, int, bool]:
    word = _word(found[at]) if at < len(found) else ""
    if word in {"per", "pro", "por", "pour"} and at + 1 < len(found) and _word(found[at + 1]) in {"cent", "ciento"}:
        return "%", at + 2, True
    unit = _UNITS.get(word)
    if unit == "°" and at + 1 < len(found):
        following = _word(found[at + 1])
        if following in _CELSIUS or following in {"f", "fahrenheit"}:
            return ("°C" if following in _CELSIUS else "°F"), at + 2, True
    if unit is not None:
        return unit, at + 1, True
    return (word if word.isalpha() and len(word) > 1 else None), at, False


def _word(token: Token) -> str:
    return token.text.casefold()


def _values(token: Token) -> frozenset[float]:
    if not token.is_number:
        value = _WORDS.get(_word(token))
        return frozenset() if value is None else frozenset((value,))
    digits = re.sub(r"['’\s]", "", unicodedata.normalize("NFKC", token.text))[:40]
    readings = [digits.replace(",", "")] if "," not in digits or _GROUPED.fullmatch(digits) else []
    if digits.count(",") == 1 and digits.count(".") != 1:
        readings.append(digits.replace(".", "").replace(",", "."))
    if _GROUPED.fullmatch(digits):
        readings.append(re.sub("[.,]", "", digits))
    if "," in digits and "." in digits:
        last = max(digits.rfind(","), digits.rfind("."))
        readings.append(re.sub("[.,]", "", digits[:last]) + "." + digits[last + 1 :])
    return frozenset(value for reading in readings if (value := _float(reading)) is not None)


def _float(reading: str) -> float | None:
    try:
        return float(reading)
    except ValueError:  # 1.2.3: a version, a date
        return None
