"""What leads from a text to other stories: the words for it in the languages of feeds, and the links below them."""

import re
from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar

from flows.steps._plain import with_single_blanks

# What leads to another story, in the languages of feeds; a colon and that story's headline may follow.
MORE = (
    r"(?:(?:please )?(?:also read|don['’]t miss|find out more|more on this(?: story)?|must[- ]read|read (?:also|"
    r"more|next|now|this)|"
    r"recommended|related(?: (?:article|content|coverage|news|post|reading|stor(?:y|ies)))?s?|see (?:also|more)|"
    r"watch (?:also|more|now))|"
    r"auch interessant|das könnte sie auch interessieren|lesen sie (?:auch|mehr)(?: dazu)?|lesetipp|mehr (?:dazu|"
    r"zum thema)|"
    r"a lire(?: aussi)?|à lire(?: aussi| également)?|lire aussi|(?:lea|lee|leer) (?:más|también)|le puede interesar|"
    r"te puede interesar|leia (?:mais|também)|saiba mais|veja (?:mais|também)|leggi anche|"
    r"lees (?:meer|ook|verder)|läs (?:mer|också|även)|læs (?:mere|også)|les (?:mer|også)|lue (?:lisää|myös)|"
    r"czytaj (?:także|też|więcej)|čtěte (?:také|více)|přečtěte si(?: také)?|olvass(?:a|on) (?:el|tovább)|citește și|"
    r"pročitajte (?:i|još|više)|διαβάστε (?:ακόμα|επίσης|και)|читайте (?:также|також|ещё|еще)|по теме|"
    r"baca (?:juga|selengkapnya)|xem thêm|(?:bunu da )?oku(?:yun)?|اقرأ (?:أيضا|أيضاً|المزيد)|यह भी पढ़ें|"
    r"kapcsolódó(?: cikk(?:ek|ünk)?)?|ayrıca okuyun|čítajte (?:aj|tiež|viac)|siehe auch|voir aussi|"
    r"zie ook|se (?:også|även)|vedi anche|(?:vea|ver) también|veure també|lleg(?:iu|eix) també|"
    r"прочетете (?:още|и)|вижте (?:още|и)|preberite (?:še|tudi|več)|(?:taip pat skait\w{1,6}|skait\w{1,6} taip pat)|"
    r"loe (?:ka|veel)|las(?:i|iet) arī|"
    r"קראו (?:גם|עוד)|อ่าน(?:เพิ่มเติม|ต่อ)|đọc thêm|"
    r"延伸閱讀|延伸阅读|相关(?:阅读|新闻)|相關(?:閱讀|新聞)|関連記事|あわせて読みたい|관련 ?기사)"
)

# Arrows, dots and brackets around a link's words.
EDGE = r"[\s\[\](){}«»‹›→⟶➔▸>|…·•:.!。-]*"

_LONGEST = 100  # characters of a heading
# A headline that is a link begins a story of its own.
_LISTING = frozenset({"li", "p", "div", "td", "dd", "dt"})
_HEADING = re.compile(rf"{EDGE}(?:{MORE}|you (?:may|might) also like){EDGE}", re.IGNORECASE)

Block = TypeVar("Block")


def leads_away(text: str) -> bool:
    """Tell whether all the words of a block lead to other stories, and name none."""
    return 0 < len(text) <= _LONGEST and _HEADING.fullmatch(with_single_blanks(text)) is not None


class Part(NamedTuple, Generic[Block]):
    """A block of the text that holds no other."""

    block: Block
    name: str  # of its tag
    words: str
    linked: str  # the words of its links


def led_away(parts: Iterable[Part[Block]]) -> list[Block]:
    """Return the blocks of nothing but links below a heading that leads to other stories: they are new every night."""
    found: list[Block] = []
    is_below = False
    for part in parts:
        if not part.words.strip():
            continue
        if not part.linked.strip():
            is_below = leads_away(part.words)
        elif is_below and part.name in _LISTING and _bare(part.words) == _bare(part.linked):
            found.append(part.block)
        else:
            is_below = False
    return found


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text))
