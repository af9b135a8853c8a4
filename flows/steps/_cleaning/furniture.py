"""What stands in an entry and is not its text: share bars, "read more" links, "The post … appeared first on …".

One sorted table; a new habit of a site is a row in it.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from bs4 import BeautifulSoup
from bs4.element import Tag

from flows.steps._cleaning.elsewhere import EDGE, MORE, Part, leads_away, led_away
from flows.steps._cleaning.tree import empty, leaf_blocks, walk
from flows.steps._plain import as_ascii, with_single_blanks


class Rule(NamedTuple):
    """What a row removes: where it is looked for, and a pattern for the whole of what stands there."""

    where: str  # block | class | end | href
    pattern: str


_NET = (
    r"(?:bluesky|copy link|e-?mail|facebook|flipboard|instagram|line|linkedin|mastodon|messenger|pinterest|pocket|"
    r"print|reddit|skype|telegram|threads|tumblr|twitter|viber|wechat|weibo|whatsapp|x|xing)"
)

# block: all the words of a paragraph, list item or link. class: one class, or the id, of any tag. end: the last
# sentence or the last lines of the text, without a bare "|". href: the start of a link's or of a picture's address.
# {} is any short phrase.
# Sorted by place, then by pattern.
RULES: tuple[Rule, ...] = (
    Rule("block", r"(?:advertisement|anzeige|publicidad|publicidade|publicité|pubblicità|реклама|広告|广告)"),
    Rule("block", r"(?:click to )?(?:email|pin|post|print|share|tweet)(?: this)?(?: (?:article|post|story))?:?"),
    Rule("block", r"(?:click to )?share(?: this)?(?: (?:by|on|to|via|with))?:? ?(?:{net}[\s,|·•/]*)+(?:\(.{0,40}\))?"),
    Rule("block", r"(?:compartilh|compart|condivid|del|partag|teil)\w*\b.{0,12}\b{net}"),
    Rule("block", r"(?:continue|keep) reading|read (?:more|on|the (?:full|rest|whole)\b.{0,20})"),
    Rule("block", r"(?:like|share) this:?(?: like)?(?: loading[.…]*)?"),
    Rule("block", r"(?:{more}|you (?:may|might) also like|(?:click|tap) here to (?:download|get) the .{2,40} app)"),
    Rule("block", r"(?:{net}[\s,|·•/]+)+{net}"),
    Rule("block", r"czytaj (?:dalej|więcej)|devamını oku|baca selengkapnya|читать (?:далее|полностью)|اقرأ المزيد"),
    Rule(
        "block", r"leer más|leia mais|leggi (?:tutto|di più)|continua a leggere|lire (?:la suite|plus)|seguir leyendo"
    ),
    Rule("block", r"lees (?:meer|verder)|läs mer|læs mere|les mer|mehr lesen|weiterlesen"),
    Rule("block", r"{more} ?[:：»→|–—-]+ ?(?!.*[.。]\Z).{1,220}"),
    Rule("block", r"{net}(?:で共有|でシェア|へ分享|分享)|分享(?:到|至){net}"),
    Rule("block", r"続きを読む|阅读(?:全文|更多)|閱讀(?:全文|更多)|继续阅读|繼續閱讀|더 보기"),
    Rule("class", r"(?:article|entry|js|post|simple|social|story)[-_]?(?:share|sharing)(?:[-_]\S+)?"),
    Rule("class", r"(?:dpsp|essb|heateor|ssba|swp|wpsr)[-_]\S+"),
    Rule("class", r"(?:jp-)?related-?posts?(?:-\S+)?|crp_related|yarpp\S*"),
    Rule("class", r"a2a_\S+|addthis\S*|addtoany\S*|shareaholic\S*|sharethis\S*"),
    Rule("class", r"ad-(?:container|slot|unit|wrapper)|adsbygoogle|advert(?:isement)?"),
    Rule("class", r"feedflare|mediafed_ad|mf-viral"),
    Rule("class", r"jp-likes\S*|sd-(?:like|sharing|social)\S*|share-?daddy"),
    Rule("class", r"mc_embed_signup|newsletter-(?:box|form|sign-?up)|subscription-widget\S*"),
    Rule("class", r"more-link|read-?more(?:-link)?"),
    Rule("class", r"pf-button\S*|printfriendly\S*"),
    Rule("class", r"screen-reader-text|sr-only|visually-hidden"),
    Rule("class", r"share[-_](?:bar|box|buttons?|icons|links|list|post|tools|widget)"),
    Rule("class", r"social[-_](?:bar|buttons|icons|links|media-\S+)"),
    Rule("end", r"(?:continue|keep) reading\b.{0,150}"),
    Rule("end", r"(?:get .{3,80} (?:in|to) your inbox[.!] )?(?:sign up|subscribe)\b.{1,100}\bnewsletters?\b.{0,60}"),
    Rule("end", r"(?:artykuł|post|wpis) {} pojawił się .{5,15} (?:na|w) {}"),
    Rule("end", r"(?:запись|сообщение|статья) {} впервые появил\w+ (?:в|на) {}"),
    Rule("end", r"(?:запись|сообщение|статья) {} появил\w+ сначала (?:в|на) {}"),
    Rule("end", r"artikel {} pertama kali (?:muncul|tampil) (?:di|pada) {}"),
    Rule("end", r"artykuł {} pochodzi z serwisu {}"),
    Rule("end", r"az? {} bejegyzés először {} jelent meg"),
    Rule("end", r"bài viết {} xuất hiện (?:lần đầu|đầu tiên) {}"),
    Rule("end", r"der (?:artikel|beitrag) {} erschien zuerst (?:auf|bei|in) {}"),
    Rule("end", r"het (?:artikel|bericht) {} verscheen (?:het )?eerst (?:bij|op) {}"),
    Rule("end", r"indlægget {} (?:blev først udgivet|blev vist første gang|dukkede først op) {}"),
    Rule("end", r"inlägget {} dök först upp på {}"),
    Rule("end", r"innlegget {} (?:ble først publisert|dukket først opp) på {}"),
    Rule("end", r"l['’]article {} est apparu en premier sur {}"),
    Rule("end", r"l['’]articolo {} (?:proviene da|sembra essere il primo su|è apparso per la prima volta su) {}"),
    Rule("end", r"l['’]entrada {} ha aparegut primer a {}"),
    Rule("end", r"la entrada {} (?:apareció|aparece|se publicó) primero en {}"),
    Rule("end", r"o (?:artigo|conteúdo|post) {} (?:apareceu|aparece|foi publicado) primeiro (?:em|na|no) {}"),
    Rule("end", r"příspěvek {} (?:pochází z|se nejdříve objevil na) {}"),
    Rule("end", r"read (?:it|the (?:complete|entire|full|original|rest|whole)\b.{0,30}) (?:at|here|in|on)\b.{0,150}"),
    Rule("end", r"read (?:more|on)(?: (?:about|at|here|in|on)\b.{0,150}|:? ?https?:\S+)?"),
    Rule("end", r"the (?:article|post|story) {} appeared first (?:at|in|on) {}"),
    Rule("end", r"the (?:article|post|story) {} first appeared (?:at|in|on) {}"),
    Rule("end", r"{} yazısı ilk önce {} ortaya çıktı"),
    Rule("end", r"{} 게시물이 {}에 처음 등장했습니다"),
    Rule("end", r"{}最先出现在{}"),
    Rule("end", r"{}最早发布于{}"),
    Rule("end", r"{}這篇文章最早發佈於{}"),
    Rule("end", r"το άρθρο {} (?:δημοσιεύτηκε|εμφανίστηκε) πρώτα (?:στη|στην|στο) {}"),
    Rule("end", r"запис {} (?:вперше|спершу) з['’]яви\w+ на {}"),
    Rule("end", r"投稿 ?{}は ?{}に最初に表示されました"),
    Rule("href", r"(?:https?:)?//(?:[\w-]+\.)?(?:pinterest\.\w+/pin/create|reddit\.com/submit|tumblr\.com/share)"),
    Rule("href", r"(?:https?:)?//(?:[\w-]+\.)?(?:twitter|x)\.com/(?:intent/|share\b)"),
    Rule("href", r"(?:https?:)?//(?:[\w-]+\.)?facebook\.com/(?:dialog/(?:feed|share)|share\.php|sharer)"),
    Rule("href", r"(?:https?:)?//(?:[\w-]+\.)?linkedin\.com/(?:cws/share|sharearticle|sharing)"),
    Rule("href", r"(?:https?:)?//(?:[\w.-]+\.)?(?:addthis|addtoany|sharethis)\.com/"),
    Rule("href", r"(?:https?:)?//(?:api\.whatsapp\.com/send|getpocket\.com/(?:edit|save)|t\.me/share|wa\.me/\?)"),
    Rule("href", r"(?:https?:)?//feeds\.\S+/~(?:a|ff?|r)/"),
    Rule("href", r"mailto:\?|whatsapp:"),
)

# Nothing in these is for the reader.
_UNSEEN_NAMES = """
    applet area audio base button canvas datalist embed frame frameset head iframe input link map math meta
    meter noembed noframes noscript object option progress script select source style svg template textarea
    title track video
"""
UNSEEN_TAGS = frozenset(_UNSEEN_NAMES.split())
SHARING = {"a": "href", "img": "src"}  # the tags whose addresses the rules look at
# A phrase like {} in the rules: a headline with its site, not a paragraph.
_PHRASE = r"\W?.{1,250}?"
_LONGEST = 600  # characters of a block or of a last line that are looked at


def remove_furniture(soup: BeautifulSoup) -> None:
    """Take out of soup what is not shown, what the rules name, and the blocks of the end from the last one up."""
    for tag, _ in list(walk(soup)):
        if _is_unseen(tag) or _has_class(tag) or _leads_to_share(tag):
            empty(tag)
    blocks = leaf_blocks(soup, extra={"a"})
    furniture = [block for block in blocks if _is_all(is_block, block)]
    if any(leads_away(block.get_text()) for block in furniture):
        furniture += led_away([_part(block) for block in blocks if block.name != "a"])
    for block in furniture:
        empty(block)
    for block in reversed(leaf_blocks(soup)):
        if _is_all(is_end, block):
            empty(block)
        elif block.get_text().strip():
            break


def without_end(text: str) -> str:
    """Return text without the sentences and lines at its end that the rules name."""
    while True:
        tail = text[-_LONGEST:]
        ends = [match.start() for end in _ends_in(tail) if (match := end.last.search(tail))]
        if not ends:
            return text
        text = text[: len(text) - len(tail) + min(ends)].rstrip()


def is_block(text: str) -> bool:
    """Tell whether all the words of a block or a link are what the rules of blocks name."""
    text = with_single_blanks(text)
    return 0 < len(text) <= _LONGEST and _names_block(text)


def is_end(text: str) -> bool:
    """Tell whether all the words of a last block are what the rules of the end name."""
    text = with_single_blanks(text)
    return 0 < len(text) <= _LONGEST and any(end.whole.fullmatch(text) for end in _ends_in(text))


def is_class(name: str | None) -> bool:
    """Tell whether a class or id is one of what the rules name."""
    return name is not None and 0 < len(name) < 100 and _CLASS.fullmatch(name) is not None


def shares(address: str) -> bool:
    """Tell whether the address of a link or of a picture is one that the rules name."""
    return _HREF.match(address.strip()) is not None


def hides(style: str) -> bool:
    """Tell whether a style attribute hides what has it."""
    return "display:none" in style.replace(" ", "").lower()


class _End(NamedTuple):
    """A rule of the end, ready to be looked for."""

    last: re.Pattern[str]  # finds it as the last sentence or lines of a text
    whole: re.Pattern[str]  # matches all the words of a block


def literal_of(pattern: str) -> str:
    """Return the longest words that stand in whatever a rule of the end matches."""
    bare = re.sub(r"\[[^\]]*\]|\{\}", "\0", pattern)
    while "(" in bare:
        bare = re.sub(r"\([^()]*\)", "\0", bare)
    return max(re.split(r"[^\0](?:[?*]|\{[\d,]*\})|\\\w|[.+?*\0]", bare), key=len)


def fold(text: str) -> str:
    """Return text so that what re.IGNORECASE takes for equal is equal."""
    return text.lower() if text.isascii() else text.casefold().replace("i\u0307", "i").replace("ı", "i")


def _filled(pattern: str) -> str:
    return f"(?:{pattern.replace('{net}', _NET).replace('{more}', MORE).replace('{}', _PHRASE)})"


def _any_of(where: str) -> str:
    return _filled("|".join(rule.pattern for rule in RULES if rule.where == where))


@cache
def _end(pattern: str) -> _End:
    whole = f"{EDGE}{_filled(pattern)}{EDGE}"
    last = rf"(?:^|\n|(?<=[.!?…\])\"”。！？])){whole}\Z"
    return _End(re.compile(last, re.IGNORECASE), re.compile(whole, re.IGNORECASE))


_BLOCK = f"{EDGE}{_any_of('block')}{EDGE}"
# For small letters that are all ASCII: most alternatives are passed over by their first letter. Of what re.IGNORECASE
# takes for one of these letters the rules hold but a dotless i.
_PLAIN_BLOCK = re.compile(_BLOCK.replace("ı", "i"))
_CLASS = re.compile(_any_of("class"), re.IGNORECASE)
_HREF = re.compile(_any_of("href"), re.IGNORECASE)
_ENDS = tuple((fold(literal_of(rule.pattern)), rule.pattern) for rule in RULES if rule.where == "end")


def _names_block(text: str) -> bool:
    if as_ascii(text) is None:
        return _block_of_any_letters().fullmatch(text) is not None
    return _PLAIN_BLOCK.fullmatch(text.lower()) is not None


@cache
def _block_of_any_letters() -> re.Pattern[str]:
    return re.compile(_BLOCK, re.IGNORECASE)


def _ends_in(text: str) -> list[_End]:
    """Return the rules of the end whose words stand in text: nearly always none, and a pattern is slow to say no."""
    folded = fold(text)
    return [_end(pattern) for literal, pattern in _ENDS if literal in folded]


def _is_unseen(tag: Tag) -> bool:
    return tag.name in UNSEEN_TAGS or tag.has_attr("hidden") or hides(str(tag.get("style", "")))


def _has_class(tag: Tag) -> bool:
    return any(map(is_class, [*tag.get_attribute_list("class"), *tag.get_attribute_list("id")]))


def _leads_to_share(tag: Tag) -> bool:
    address = tag.get(SHARING[tag.name]) if tag.name in SHARING else None
    return isinstance(address, str) and shares(address)


def _part(block: Tag) -> Part[Tag]:
    links = [block] if block.find_parent("a") else block.find_all("a")
    return Part(block, block.name, block.get_text(), "".join(link.get_text() for link in links))


def _is_all(is_furniture: Callable[[str], bool], block: Tag) -> bool:
    """Tell whether all of block is furniture; a block with a picture is more than its words."""
    return is_furniture(block.get_text()) and block.find("img") is None
