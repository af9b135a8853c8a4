"""Read the documents of `import`: text files of one or several stories, and saved pages."""

import hashlib
import re
from datetime import datetime
from html import escape
from pathlib import PurePath

from msgspec.structs import replace

from flows.steps._extracting.decode import decode_text
from flows.steps._extracting.markdown import is_markdown, read_markdown
from flows.steps.extract import ExtractedPage, read_file
from flows.steps.text.digest import entry_digest
from flows.steps.text.urls import url_key
from models.errors import BadResponse
from models.stages import Entry

_HTML_SUFFIXES = frozenset({".htm", ".html", ".xhtml"})
_MARKDOWN_SUFFIXES = frozenset({".markdown", ".md"})
_TEXT_SUFFIXES = frozenset({"", ".text", ".txt"}) | _MARKDOWN_SUFFIXES
_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_OTHER_FORMS = {  # under whatever name: by their first bytes
    b"%PDF": "PDF",
    b"PK\x03\x04": "Word, EPUB or another packed form",
    b"{\\rtf": "rich text (RTF)",
    b"\xd0\xcf\x11\xe0": "an old Word document",
    b"\x1f\x8b": "packed by gzip, and not named as a web archive is",
    b"WARC/": "a web archive that is not named as one",
}
_NAMED_FORMS = {
    ".pdf": "PDF",
    ".doc": "an old Word document",
    ".docx": "Word",
    ".odt": "OpenDocument",
    ".rtf": "rich text (RTF)",
}
_FORMS = (
    "text (.txt: paragraphs a line, the title before or after its story), Markdown (.md), saved pages (.html) and "
    "web archives (.warc, .warc.gz)"
)

# A sentence ends with one of these, whatever quotes or brackets close after it; a title does not.
_CLOSED = re.compile(r"[.!?…。！？．;:,；：，、।؟۔]['\"”’»›」』）)\]]*\Z")
_LONGEST_TITLE = 300  # characters; a paragraph that lacks its full stop is longer


def read_documents(body: bytes, *, name: str, not_after: datetime | None = None) -> tuple[Entry, ...]:
    """Return the stories of a document, in order; name is its file name and tells its form where the bytes do not.

    not_after is when it was handed in: no page in it was published later.

    Raises BadResponse, with the line where there is one, for a document that cannot be read as stories.
    """
    suffix = PurePath(name).suffix.lower()
    if _HTML_START.match(body) or suffix in _HTML_SUFFIXES:
        return (_page_entry(body, name, not_after),)
    if form := _other_form(body, suffix):
        raise BadResponse(f"{name}: {form}: this form is not read; what is read: {_FORMS}")
    is_wide = body.startswith((b"\xff\xfe", b"\xfe\xff"))
    if suffix not in _TEXT_SUFFIXES or (b"\x00" in body and not is_wide):
        raise BadResponse(f"{name}: this form is not read; what is read: {_FORMS}")
    text = decode_text(body)
    if text.rstrip().endswith("\ufffd"):
        raise BadResponse(f"{name}: the file ends within a character: it was cut")
    if suffix in _MARKDOWN_SUFFIXES and is_markdown(text):
        return tuple(_story_entry(at, story.title, story.html) for at, story in enumerate(read_markdown(text, name)))
    return _text_entries(text, name)


def _other_form(body: bytes, suffix: str) -> str | None:
    return next((form for start, form in _OTHER_FORMS.items() if body.startswith(start)), _NAMED_FORMS.get(suffix))


def _text_entries(text: str, name: str) -> tuple[Entry, ...]:
    if _is_title_first(text):
        title, *paragraphs = (line for raw in text.splitlines() if (line := raw.strip()))
        return (_text_entry(0, title, paragraphs),)
    entries: list[Entry] = []
    paragraphs = []
    last = 0
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if not line:
            continue
        last = number
        if not _is_title(line):
            paragraphs.append(line)
        elif not paragraphs:
            raise BadResponse(f"{name}, line {number}: a title without a story before it: {line[:80]!r}")
        else:
            entries.append(_text_entry(len(entries), line, paragraphs))
            paragraphs = []
    if paragraphs:
        raise BadResponse(f"{name}, line {last}: the file ends without a title after its last story")
    if not entries:
        raise BadResponse(f"{name}, line 1: the file is empty")
    return tuple(entries)


def _is_title_first(text: str) -> bool:
    """Tell a file whose first line is the title of the one story that follows, parted from it by an empty line.

    Its last line ends a sentence; where that is a title too, titles stand after their stories.
    """
    lines = [line.strip() for line in text.strip("\ufeff\r\n\t ").splitlines()]
    told = [line for line in lines if line]
    if len(told) < 2 or not _is_title(told[0]) or lines[1]:
        return False
    return not _is_title(told[-1])


def _is_title(line: str) -> bool:
    """Tell a title: a line without closing punctuation; one that ends in a question or in "U.S." has it and is text."""
    return len(line) <= _LONGEST_TITLE and _CLOSED.search(line) is None


def _text_entry(position: int, title: str, paragraphs: list[str]) -> Entry:
    source_text = "\n".join([*paragraphs, title])
    html = "".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in paragraphs)
    return _story_entry(position, title, html, source_text)


def _story_entry(position: int, title: str, html: str, source_text: str | None = None) -> Entry:
    entry = Entry(
        position=position,
        guid=_guid((source_text or f"{html}\n{title}").encode("utf-8", "surrogatepass")),
        url=None,
        url_key=None,
        title_html=escape(title, quote=False),
        html=html,
        base_url="",
    )
    return _with_digest(entry)


def _page_entry(body: bytes, name: str, not_after: datetime | None) -> Entry:
    reading = _read_page(body, name, not_after)
    story = reading.story
    if not story.text or not story.title:
        raise BadResponse(f"{name}: no story was found on this page")
    entry = Entry(
        position=0,
        guid=_guid(body),
        url=reading.url,
        url_key=url_key(reading.url) if reading.url else None,
        title_html=escape(story.title, quote=False),
        html=story.html,
        base_url=reading.url or "",
        authors=story.authors,
        published_raw=reading.published if story.published_at else None,  # a guess dates no story
        published_at=story.published_at,
        is_zone_assumed=reading.is_zone_assumed and story.published_at is not None,
        language=story.language,
    )
    return _with_digest(entry)


def _read_page(body: bytes, name: str, not_after: datetime | None) -> ExtractedPage:
    try:
        return read_file(body, url=None, not_after=not_after)
    except BadResponse as error:
        raise BadResponse(f"{name}: {error}") from error


def _guid(source: bytes) -> str:
    return "sha256:" + hashlib.sha256(source).hexdigest()


def _with_digest(entry: Entry) -> Entry:
    digest = entry_digest(
        title_html=entry.title_html,
        html=entry.html,
        guid=entry.guid,
        url_key=entry.url_key,
        authors=entry.authors,
        tags=entry.tags,
    )
    return replace(entry, digest=digest)
