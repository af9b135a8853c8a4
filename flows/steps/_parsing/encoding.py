"""From a feed's bytes to its text: what the bytes themselves say weighs more than what is said about them."""

import codecs
import re

from msgspec import Struct
from w3lib.encoding import http_content_type_encoding, read_bom, resolve_encoding

_XML_DECLARATION = re.compile(rb"""<\?xml\s[^<>]*?encoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)""")
_JUNK_BYTES = 20_000  # a notice or a comment before the declaration is short
_LANGUAGE = re.compile(
    rb"""<(?:dc:)?language>\s*(?:<!\[CDATA\[)?\s*([A-Za-z-]{2,35})|\bxml:lang=["']([A-Za-z-]{2,35})"""
)
# What servers say of any document where nobody told them better.
_DEFAULT = "cp1252"
# What was written in a language before UTF-8, as browsers take it.
_BEFORE_UTF8 = {
    **dict.fromkeys(("be", "bg", "kk", "ky", "mk", "ru", "sr", "tg", "tt", "uk"), ("cp1251",)),
    **dict.fromkeys(("bs", "cs", "hr", "hu", "pl", "ro", "sk", "sl"), ("cp1250",)),
    **dict.fromkeys(("et", "lt", "lv"), ("cp1257",)),
    **dict.fromkeys(("ar", "fa", "ur"), ("cp1256",)),
    **dict.fromkeys(("az", "tr"), ("cp1254",)),
    "el": ("cp1253",), "he": ("cp1255",), "ja": ("euc_jp", "cp932"), "ko": ("cp949",), "th": ("cp874",),
    "vi": ("cp1258",), "zh": ("gb18030",), "zh-hk": ("big5hkscs",), "zh-tw": ("big5hkscs",),
}  # fmt: skip
# How white space and the first `<` or `{` look without a byte order mark; the longer units first.
_WIDE_STARTS = (
    (re.compile(rb"(?:\0\0\0[ \t\r\n])*\0\0\0[<{]"), "utf-32-be"),
    (re.compile(rb"(?:[ \t\r\n]\0\0\0)*[<{]\0\0\0"), "utf-32-le"),
    (re.compile(rb"(?:\0[ \t\r\n])*\0[<{]\0"), "utf-16-be"),
    (re.compile(rb"(?:[ \t\r\n]\0)*[<{]\0"), "utf-16-le"),
)
# XML 1.0 and PostgreSQL hold neither of these; lone surrogates are no text.
_UNSTORABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ASCII_UNSTORABLE = bytes(code for code in range(128) if _UNSTORABLE.match(chr(code)))
_SURROGATES = re.compile(
    r"&#(?:(5[5-7]\d{3})|[xX]([dD][89abAB][\da-fA-F]{2}));&#(?:(5[67]\d{3})|[xX]([dD][c-fC-F][\da-fA-F]{2}));"
)
_CHARACTER_REFERENCE = re.compile(r"&#(?:[xX]0*([0-9a-fA-F]{1,16})|0*([0-9]{1,16}));?")
_STATEFUL_MARK = b"\x1b"  # ISO-2022-JP and its kin are plain ASCII but for escapes


class Decoded(Struct, frozen=True):
    """A document's text and whether its encoding had to be guessed or mended."""

    text: str
    encoding: str
    is_lossy: bool = False  # some bytes were no characters of that encoding


def decode(body: bytes, content_type: str, language: str | None = None) -> Decoded:
    """Decode a document. Order: byte order mark, wide zeros, valid UTF-8, header, XML declaration, what most bytes are.

    Western letters in the header go behind another declaration. Where nothing is declared, language (BCP 47), else what
    the document says of itself, tells how it was written. A document cut off within a character loses that alone.
    """
    bom_encoding, mark = read_bom(body)
    if bom_encoding and mark:
        return _decode_as(body[len(mark) :], bom_encoding)
    wide = next((name for start, name in _WIDE_STARTS if start.match(body)), None)
    if wide:
        return _decode_as(body, wide)
    declared = _declared_encodings(body, content_type)
    for encoding in declared if _STATEFUL_MARK in body else ("utf-8", *declared):
        if (text := _strictly(body, encoding)) is not None:
            return Decoded(text, encoding)
    return _mended(body, declared, language)


def storable(text: str) -> str:
    """Drop what neither XML nor the database can hold: NUL, other control characters, lone surrogates."""
    if text.isascii() and len(text.encode().translate(None, _ASCII_UNSTORABLE)) == len(text):
        return text
    return _UNSTORABLE.sub("", text)


def storable_xml(text: str) -> str:
    """Drop unstorable characters and the references to such, over which XML parsers stumble."""
    text = storable(text)
    if "&#" not in text:
        return text
    return _CHARACTER_REFERENCE.sub(_storable_reference, _SURROGATES.sub(_paired, text))


def _decode_as(body: bytes, encoding: str) -> Decoded:
    text = _strictly(body, encoding)
    if text is not None:
        return Decoded(text, encoding)
    return Decoded(body.decode(encoding, "replace"), encoding, is_lossy=True)


def _declared_encodings(body: bytes, content_type: str) -> tuple[str, ...]:
    """List what header and XML declaration say, in browsers' reading: latin-1 means windows-1252, gb2312 gb18030."""
    declaration = _XML_DECLARATION.search(body, 0, _JUNK_BYTES)
    labels = (http_content_type_encoding(content_type), declaration[1].decode("ascii") if declaration else None)
    known = sorted((name for label in labels if label and (name := resolve_encoding(label))), key=_DEFAULT.__eq__)
    # A declaration that could be read at all is not of a wide encoding, whatever it says.
    return tuple(dict.fromkeys(name for name in known if not name.startswith(("utf-16", "utf-32", "utf-8"))))


def _strictly(body: bytes, encoding: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(body)
    except UnicodeDecodeError:
        return None


def _mended(body: bytes, declared: tuple[str, ...], language: str | None) -> Decoded:
    """Decode bytes that are wrong in every encoding that was named; nothing named means UTF-8 or what was before it."""
    if declared:
        return Decoded(body.decode(declared[0], "replace"), declared[0], is_lossy=True)
    as_utf8 = body.decode("utf-8", "replace")
    strays = as_utf8.count("\ufffd")
    characters = sum(1 for character in as_utf8 if character > "\x7f") - strays
    if characters > strays:
        return Decoded(as_utf8, "utf-8", is_lossy=True)
    for encoding in _before_utf8(body, language):
        if (text := _strictly(body, encoding)) is not None:
            return Decoded(text, encoding)
    return Decoded(body.decode("windows-1252", "replace"), "windows-1252")


def _before_utf8(body: bytes, language: str | None) -> tuple[str, ...]:
    said = _LANGUAGE.search(body, 0, _JUNK_BYTES)
    own = (said[1] or said[2]).decode("ascii") if said else ""
    tags = (tag.replace("_", "-").lower() for tag in (language, own) if tag)
    return next((_BEFORE_UTF8.get(tag) or _BEFORE_UTF8.get(tag.split("-")[0], ()) for tag in tags), ())


def _paired(match: re.Match[str]) -> str:
    """Write a character that a program wrote as the two halves that it has in UTF-16."""
    high, low = (int(match[at]) if match[at] else int(match[at + 1], 16) for at in (1, 3))
    is_pair = 0xD800 <= high < 0xDC00 <= low < 0xE000
    return f"&#{0x10000 + ((high - 0xD800) << 10) + low - 0xDC00};" if is_pair else match[0]


def _storable_reference(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    return match[0] if code < 0x110000 and not _UNSTORABLE.match(chr(code)) else ""
