"""Mend characters: mojibake, controls, lone surrogates and invisible marks. What a reader sees is never changed."""

import html
import re
import unicodedata

import ftfy
from ftfy.chardata import LIGATURES

# Each option has its reason. Entities are left to the HTML parser, which knows where they are text. Full-width letters
# are how Chinese and Japanese are written, and a curled quote tells opening from closing: both stay. Ligatures (one
# glyph for "fi") would hide words from the search. Only text that nobody can have meant is decoded again.
_MENDING = ftfy.TextFixerConfig(
    unescape_html=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_latin_ligatures=True,
    fix_encoding=True,
    replace_lossy_sequences=True,
    normalization="NFC",
    explain=False,
)

_SURROGATE = re.compile("[\ud800-\udfff]")
# Space-like controls part words; the others were never visible. Joiners (U+200C, U+200D) are kept after a letter of a
# script that spells with them (Arabic to Sinhala, Burmese, Khmer, Mongolian) and inside emoji. Direction marks have no
# meaning once the text stands by itself, and U+FFFC stands for an object that is not here.
_SPACE_CONTROLS = re.compile("[\x0b\x0c\x1c-\x1f]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffc\ufffe\uffff]"
    "|(?<![\u0600-\u0dff\u1000-\u109f\u1780-\u18af\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"
)
_ASCII_CONTROLS = bytes((*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F))  # the part of both that is ASCII

# ftfy's signs of mojibake are two neighbours beyond ASCII, but for these four letters and C1 controls. Typographer's
# marks and East Asian characters are none of them: most texts of most languages need not be asked about.
_ALONE = "\x80-\x9fŒœÂÃ" + "".join(map(chr, LIGATURES))
_CALM = (
    "\xa0\u2013\u2014\u2018\u2019\u201c\u201d\u2026"
    "\u3001-\u303f\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e"
)
_MAY_NEED_FTFY = re.compile(rf"[^\x00-\x7f](?:(?<=[{_ALONE}])|(?<=[^{_CALM}])[^\x00-\x7f]|[^\x00-\x7f{_CALM}])")
_SURROGATE_ENTITY = re.compile(r"&#(5529[6-9]|55[3-9]\d\d|5[67]\d{3}|x0{0,2}d[89a-f][0-9a-f]{2});", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)


def without_surrogate_entities(source: str) -> str:
    """Return HTML source with characters that were written as two entities, &#55357;&#56832;, as what they are."""
    return _SURROGATE_ENTITY.sub(lambda match: chr(int("0" + match[1], 16 if match[1][0] in "xX" else 10)), source)


def without_unseen(text: str) -> str:
    """Return text without NUL, controls, lone surrogates, soft hyphens and zero-width marks; tab and newline stay."""
    if _is_seen(text):
        return text
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    return _UNSEEN.sub("", _SPACE_CONTROLS.sub(" ", text))


def mended(text: str) -> str:
    """Return text in NFC: mojibake decoded, entities escaped twice resolved, unseen characters gone."""
    if "&" in text:
        text = _ENTITY.sub(_resolved, text)
    if text.isascii():
        return without_unseen(text)
    if not _is_seen(text) or _MAY_NEED_FTFY.search(text):
        text = without_unseen(ftfy.fix_text(text, _MENDING))
    return unicodedata.normalize("NFC", text)


def _is_seen(text: str) -> bool:
    """Tell quickly of most texts that nothing in them is unseen."""
    if text.isascii():
        return len(text.encode().translate(None, _ASCII_CONTROLS)) == len(text)
    spaced = text.replace("\n", " ").replace("\t", " ").replace("\xa0", " ")
    return spaced.isprintable() and "\ufffc" not in text


def _resolved(match: re.Match[str]) -> str:
    """Resolve one entity; an unknown name stays as it is written."""
    return html.unescape(match[0])
