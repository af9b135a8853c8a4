"""Names for people: of languages, statuses, states and moments."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from markupsafe import Markup

from flows.exports.shape import iso
from models import wording

LANGUAGES: Final = {
    "ar": "Arabic",
    "bn": "Bengali",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "lt": "Lithuanian",
    "nl": "Dutch",
    "no": "Norwegian",
    "nb": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sv": "Swedish",
    "sw": "Swahili",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


def language_name(tag: str | None) -> str:
    """Name a language by its tag, its region in brackets; an unknown one by the tag itself."""
    base, _, region = (tag or "").partition("-")
    name = LANGUAGES.get(base.lower(), base)
    return f"{name} ({region})" if region and name else name


def number(count: int) -> str:
    """Write a number with its thousands apart."""
    return f"{count:,}"


def counted(count: int, thing: str, things: str | None = None) -> str:
    """Say how many there are of a thing, as models.wording does, with the thousands apart."""
    _, _, name = wording.counted(count, thing, things).partition(" ")
    return f"{number(count)} {name}"


def time_tag(moment: datetime | None, zone: ZoneInfo, form: str = "%-d %B %Y, %H:%M") -> Markup:
    """Return a moment as an element that a program reads too."""
    if moment is None:
        return Markup("")
    local = moment.astimezone(zone)
    return Markup('<time datetime="{}">{}</time>').format(iso(moment), local.strftime(form))


def day_name(day: date) -> str:
    """Write a day out."""
    return day.strftime("%-d %B %Y")


def spoken(word: str | None) -> str:
    """Return a status word as a person says it."""
    return (word or "").replace("_", " ")
