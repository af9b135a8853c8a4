"""Make HTML that is safe to store and to show: an allow list by nh3, absolute links, no tracking pixels."""

import re
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import nh3
from bs4 import BeautifulSoup

from flows.steps._cleaning.tree import empty

_RUNNING_TAGS = "a abbr b br cite code del em i img ins kbd mark q s samp small span strong sub sup u var"
_BLOCK_TAGS = """
    blockquote caption dd div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre table tbody td tfoot th thead
    tr ul
"""
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "blockquote": {"cite"},
    "img": {"alt", "height", "src", "title", "width"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
ADDRESSES = {"a": "href", "blockquote": "cite", "img": "src"}
_PICTURE_SCHEMES = frozenset({"http", "https"})
_LINK_SCHEMES = _PICTURE_SCHEMES | {"mailto"}
_CLEANER = nh3.Cleaner(
    tags={*_RUNNING_TAGS.split(), *_BLOCK_TAGS.split()},
    attributes=_ATTRIBUTES,
    url_schemes=set(_LINK_SCHEMES),
    link_rel="noopener nofollow",
    url_relative="deny",  # all were made absolute; one that is left has nothing to stand on
)

# Pictures that count readers, by address; those of a size that nobody can see are known by it.
_PIXEL = re.compile(
    r"//(?:[\w-]+\.)*(?:doubleclick\.net|feedburner\.com|feedsportal\.com|google-analytics\.com|pheedo\.com|"
    r"quantserve\.com|scorecardresearch\.com|stats\.wordpress\.com)/|//pixel\.|[/.](?:b|count|pixel|spacer|tracking)\.gif\b",
    re.IGNORECASE,
)
_TINY = re.compile(r"\s*[0-3](?:\.\d+)?(?:px)?\s*")
_TINY_STYLE = re.compile(r"(?:^|;)(?:width|height):[0-3](?:px)?(?:;|$)")
_LAZY_SOURCES = ("data-src", "data-lazy-src", "data-original")


def safe_html(soup: BeautifulSoup, *, base_url: str) -> str:
    """Return the safe subset of soup, which is changed on the way. Without a base_url relative links go."""
    for tag in soup.find_all(list(ADDRESSES)):
        if not settle(tag.name, tag.attrs, base_url=base_url):
            empty(tag)
    root = soup.body or soup
    return sanitized(root.decode_contents())


def sanitized(html: str) -> str:
    """Return the allowed part of html."""
    return _CLEANER.clean(html).strip()


def settle(name: str, attributes: MutableMapping[str, Any], *, base_url: str) -> bool:
    """Give a tag of ADDRESSES its whole address; tell whether it is to be seen: a counting pixel is not."""
    if name == "img":
        _load_at_once(attributes)
    _make_absolute(ADDRESSES[name], attributes, base_url)
    return name != "img" or not _is_pixel(attributes)


def absolute(address: str, *, base_url: str) -> str | None:
    """Return address as an absolute http, https or mailto URL; None where it is none."""
    try:
        url = urljoin(base_url, address.strip())
        scheme = urlsplit(url).scheme.lower()
    except ValueError:
        return None
    return url if scheme in _LINK_SCHEMES else None


def _load_at_once(picture: MutableMapping[str, Any]) -> None:
    """Give a picture that scripts would load later its real address."""
    if str(picture.get("src", "")).startswith(("http", "/", ".")) and "data-src" not in picture:
        return
    lazy = next((str(picture[name]) for name in _LAZY_SOURCES if picture.get(name)), None)
    if lazy is not None:
        picture["src"] = lazy


def _make_absolute(name: str, attributes: MutableMapping[str, Any], base_url: str) -> None:
    address = attributes.get(name)
    url = absolute(str(address), base_url=base_url) if address else None
    if url is None:
        attributes.pop(name, None)
    else:
        attributes[name] = url


def _is_pixel(picture: MutableMapping[str, Any]) -> bool:
    source = str(picture.get("src", ""))
    sizes = [str(picture.get(name, "")) for name in ("width", "height")]
    style = str(picture.get("style", "")).replace(" ", "").lower()
    is_tiny = any(_TINY.fullmatch(size) for size in sizes) or _TINY_STYLE.search(style) is not None
    return urlsplit(source).scheme not in _PICTURE_SCHEMES or is_tiny or _PIXEL.search(source) is not None
