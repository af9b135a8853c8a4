"""From a feed's bytes to its entries, or to one sentence that says what the bytes were instead.

Hostile input can make the parsers hang or exhaust memory: call this in a killable worker, never in the event loop.
"""

from msgspec.structs import replace

from flows.steps._parsing.encoding import Decoded, decode
from flows.steps._parsing.json_feed import parse_json_feed
from flows.steps._parsing.not_a_feed import describe_bytes, describe_report
from flows.steps._parsing.origin import Origin
from flows.steps._parsing.sitemap import parse_sitemap
from flows.steps._parsing.xml.feed import parse_xml_feed
from models.errors import NotAFeed
from models.stages import ParsedFeed

# The longest real feeds hold some thousands. Ten megabytes of empty items would keep a night's workers busy for hours.
MAX_ENTRIES = 20_000


def parse_feed(
    body: bytes, *, content_type: str, url: str, language: str | None = None, country: str | None = None
) -> ParsedFeed:
    """Read a feed document of any known kind.

    `content_type` is the header as it came, `url` the document's final address: relative links stand on it. `language`
    (BCP 47) and `country` (ISO 3166) are what feeds.yaml says of the feed: by them ambiguous dates and links are read.
    Raises NotAFeed. An item that cannot be read is among the failures; the others live.
    """
    if kind := describe_bytes(body):
        raise NotAFeed(f"this is {kind}, not a feed")
    decoded = decode(body, content_type, language)
    is_json = decoded.text.lstrip().startswith(("{", "["))
    read = parse_json_feed if is_json else parse_xml_feed
    parsed = read(decoded.text, url, Origin(language=language, country=country))
    if report := describe_report([entry.title_html for entry in parsed.entries[:2]]):
        raise NotAFeed(f"this is {report}, not a feed")
    return _checked(parsed, decoded)


def parse_news_sitemap(
    body: bytes, *, content_type: str, url: str, language: str | None = None, country: str | None = None
) -> ParsedFeed:
    """Read a news sitemap, or an index of sitemaps, as parse_feed reads a feed."""
    if kind := describe_bytes(body):
        raise NotAFeed(f"this is {kind}, not a sitemap")
    decoded = decode(body, content_type, language)
    return _checked(parse_sitemap(decoded.text, url, Origin(language=language, country=country)), decoded)


def _checked(parsed: ParsedFeed, decoded: Decoded) -> ParsedFeed:
    """Add what is to be told of a document, and keep to the most entries."""
    warnings = list(parsed.warnings)
    if decoded.is_lossy:
        warnings.append(f"some bytes are no characters of {decoded.encoding}")
    dated = [entry for entry in parsed.entries if entry.published_raw]
    if unread := sum(entry.published_at is None for entry in dated):
        warnings.append(f"{unread} of {len(dated)} dates could not be read")
    if len(parsed.entries) > MAX_ENTRIES:
        warnings.append(f"only the first {MAX_ENTRIES} of {len(parsed.entries)} entries are read")
    return replace(parsed, entries=parsed.entries[:MAX_ENTRIES], warnings=tuple(warnings))
