"""Find the dates that a page shows beside its headline, by themselves or behind "Published" and the like."""

import re
from collections.abc import Iterator
from typing import Final

from lxml.html import HtmlElement

from flows.steps._extracting.regions import below_headline, is_beside_article, line_of

# Names of elements that show a date, and words beside one that is not the publication's.
_DATELINE = re.compile(
    r"(?:^|[\s_-])(?:date|datum|fecha|data|dateline|byline|meta|posted(?:-on)?|pub-?date|published?|publish-?(?:date|time|"
    r"ed)?|time-?stamp|timestamp|time)(?:$|[\s_-])",
    re.IGNORECASE,
)
CHANGED = re.compile(
    r"updat|modif|chang|edited|revis|correct|a[ck]tuali[sztț]|\bstand:|geändert|bijgewerkt|gewijzigd|mise? à jour|"
    r"atualiza|aggiorn|oppdater|opdater|uppdater|päivitet|ažurira|frissít|обновл|изменен|оновл|güncel|"
    r"cập nhật|diperbarui|ενημερ|تحديث|עודכן|अपडेट|更新|修改|수정|업데이트|expire|valid|until|event|born|copyright|©",
    re.IGNORECASE,
)
# Of these none begins the second half of "Published 4 March, updated 5 March".
_NO_UPDATE = re.compile(r"expire|valid|until|event|born|copyright|©", re.IGNORECASE)
_PUBLISHED = re.compile(
    r"\W{0,3}(?:(?:first )?publish|posted|veröffentlicht|erschienen|publié|publicad|publicat|pubblicat|gepubliceerd|"
    r"geplaatst|opublikowan|publicer|publiser|julkaistu|objavljen|publikov|közzé|опубликован|опублік|yayın|公開|发布|發布|"
    r"게시|نشر)",
    re.IGNORECASE,
)
LONGEST_DATELINE: Final = 160  # characters of a block; a longer one is a sentence that names a day
_LONGEST_DATE: Final = 60
_LONGEST_TWO_DATES: Final = 120
_LONGEST_LABEL: Final = 40
_SENTENCE_WORDS: Final = 5
_BLOCKS = frozenset({"article", "blockquote", "dd", "div", "dt", "figure", "header", "li", "p", "section", "td", "th"})
# What stands above every page of a site: the day of today, the weather.
_MASTHEAD = re.compile(
    r"(?:^|[\s_-])(?:masthead|top-?bar|(?:site|page|global|main)-?header|today|current-?date|weather)(?:$|[\s_-])",
    re.IGNORECASE,
)
_MOST_LOOKED_AT: Final = 200


def shown_dates(tree: HtmlElement) -> Iterator[str]:
    """Yield the dates that stand by themselves near the headline: first those that machines can read."""
    top = below_headline(tree)
    elements = [
        one
        for one in tree.xpath("//time | //abbr[@title] | //span | //p | //div | //small | //a | //li")[
            : _MOST_LOOKED_AT * 50
        ]
        if one.tag == "time" or _is_dateline(one) or (one in top and _says_published(one))
    ][:_MOST_LOOKED_AT]
    near = [one for one in elements if not _is_no_publication(one) and not _is_of_a_teaser(one, tree)]
    for name in ("datetime", "title"):
        yield from (value for one in near if (value := str(one.get(name, "")).strip()))
    for one in near:
        yield from _without_label(_of_publication(line_of(one)))


def _says_published(element: HtmlElement) -> bool:
    if len(element) > 0 or not (text := line_of(element)):
        return False
    return len(text) <= _LONGEST_TWO_DATES and _PUBLISHED.match(text) is not None


def _is_dateline(element: HtmlElement) -> bool:
    names = f"{element.get('class', '')} {element.get('id', '')}"
    if len(names) <= 1 or _DATELINE.search(names[:200]) is None:
        return False
    text = line_of(element)
    return len(text) <= _LONGEST_DATE or (len(text) <= _LONGEST_TWO_DATES and _of_publication(text) != text)


def _of_publication(text: str) -> str:
    """Return, of a line that also tells when the page was changed, the part that tells when it was published."""
    changed = CHANGED.search(text)
    if changed is None or _NO_UPDATE.match(changed[0]):
        return text
    before = text[: changed.start()].rstrip(" ,;:·•|/(–—-")
    if any(map(str.isdigit, before)):
        return before
    published = _PUBLISHED.search(text, changed.end())
    return text[published.start() :] if published else text


def _without_label(text: str) -> Iterator[str]:
    """Yield a date that stands alone, on either side of a bar, or behind "Published:" and the like."""
    parts = [text, *reversed(text.split("|"))] if text.count("|") == 1 else [text]
    for part in map(str.strip, parts):
        if len(part) <= _LONGEST_DATE and any(map(str.isdigit, part)):
            yield part


def _is_no_publication(element: HtmlElement) -> bool:
    """Tell a date that stands in a sentence, beside the article, or beside a word like "updated"."""
    names = " ".join(str(element.get(key, "")) for key in ("class", "itemprop", "id"))
    names = "" if "publish" in names.lower() else names  # "published updated" is one date in many themes
    said = f"{names} {_label(element)} {_of_publication(line_of(element))[:LONGEST_DATELINE]}"
    is_elsewhere = is_beside_article(element) or _is_above_article(element)
    return CHANGED.search(said) is not None or is_elsewhere or _is_in_sentence(element)


def _is_above_article(element: HtmlElement) -> bool:
    """Tell whether element stands in the head of the site, which no headline is in."""
    for one in (element, *element.iterancestors()):
        if one.tag in {"article", "main", "body"}:
            return False
        names = f"{one.get('class', '')} {one.get('id', '')}"[:200]
        if (one.tag == "header" or _MASTHEAD.search(names)) and one.find(".//h1") is None:
            return True
    return False


def _label(element: HtmlElement) -> str:
    """Return the few words right before element: "Published", "Updated:"."""
    before, parent = element.getprevious(), element.getparent()
    if before is None:
        return " ".join(((parent.text if parent is not None else "") or "").split())[-_LONGEST_LABEL:]
    said = line_of(before) if isinstance(before.tag, str) else ""
    said = "" if any(map(str.isdigit, said)) else said  # a date of its own labels no other
    return f"{said} {' '.join((before.tail or '').split())}"[-_LONGEST_LABEL:]


def _is_in_sentence(element: HtmlElement) -> bool:
    block = next((one for one in element.iterancestors() if one.tag in _BLOCKS), None)
    if block is None or element.tag in _BLOCKS:
        return False
    if any(one.tag in _BLOCKS for one in block.iterdescendants()):
        return len(f"{_label(element)}{' '.join((element.tail or '').split())}") > _LONGEST_LABEL
    rest = line_of(block).replace(line_of(element), " ", 1).split()
    is_closed = bool(rest) and rest[-1][-1] in ".!?…。！？"
    return len(" ".join(rest)) > LONGEST_DATELINE or (is_closed and len(rest) >= _SENTENCE_WORDS)


def _is_of_a_teaser(element: HtmlElement, tree: HtmlElement) -> bool:
    """Tell whether element belongs to another article of the page, or stands far from the only headline."""
    around = next(element.iterancestors("article"), None)
    if around is not None and around.find(".//h1") is None:
        articles = tree.xpath("//article")
        return len(articles) > 1 and around is not max(articles, key=lambda one: len(one.text_content()))
    return False
