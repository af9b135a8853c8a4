"""Turn a document's bytes into text: what the bytes are goes before what they are said to be."""

import re

import charset_normalizer
from w3lib.encoding import html_to_unicode, read_bom

# Sequences of UTF-8 beyond ASCII. Text in an older encoding holds few by chance, and many that are none.
_WHOLE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_WHOLE_FOR_EACH_BROKEN = 4


def decode_html(body: bytes, *, content_type: str = "") -> str:
    """Return a page's text by its byte order mark, as UTF-8, by header and meta tag, or by a guess."""
    # Valid UTF-8 beyond ASCII is never anything else, whatever a header says.
    if not body.isascii() and read_bom(body)[0] is None:
        text = _as_utf8(body)
        if text is not None:
            return text
    encoding, text = html_to_unicode(content_type or None, body, auto_detect_fun=_guess)
    if encoding == "utf-8" and read_bom(body)[0] is None and _as_utf8(body) is None:
        return body.decode(_guess(body), "replace")  # header or meta tag say UTF-8, and the bytes are none
    return text


def decode_text(body: bytes) -> str:
    """Return a text file's text: by its byte order mark, as UTF-8, or by a guess among the older encodings."""
    encoding, mark = read_bom(body)
    if encoding is not None and mark is not None:
        return body[len(mark) :].decode(encoding, "replace")
    text = _as_utf8(body)
    return body.decode(_guess(body), "replace") if text is None else text


def _as_utf8(body: bytes) -> str | None:
    """Return body as UTF-8, also if a few of its characters were cut; None where it is another encoding."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    whole, broken = len(_WHOLE.findall(body)), text.count("\ufffd")
    return text if whole >= _WHOLE_FOR_EACH_BROKEN * broken else None


def _guess(body: bytes) -> str:
    best = charset_normalizer.from_bytes(body).best()
    return best.encoding if best is not None else "cp1252"
