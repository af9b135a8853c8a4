"""Turn a document's bytes into text: what the bytes are goes before what they are said to be."""

import charset_normalizer
from w3lib.encoding import html_to_unicode, read_bom


def decode_html(body: bytes, *, content_type: str = "") -> str:
    """Return a page's text by its byte order mark, as UTF-8, by header and meta tag, or by a guess."""
    # Valid UTF-8 beyond ASCII is never anything else, whatever a header says.
    if not body.isascii() and read_bom(body)[0] is None:
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return html_to_unicode(content_type or None, body, auto_detect_fun=_guess)[1]


def decode_text(body: bytes) -> str:
    """Return a text file's text: by its byte order mark, as UTF-8, or by a guess among the older encodings."""
    encoding, mark = read_bom(body)
    if encoding is not None and mark is not None:
        return body[len(mark) :].decode(encoding, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode(_guess(body), "replace")


def _guess(body: bytes) -> str:
    best = charset_normalizer.from_bytes(body).best()
    return best.encoding if best is not None else "cp1252"
