"""Find the marks by which a page says that its text is not for everybody."""

from collections.abc import Iterable, Mapping, Sequence

from flows.steps._extracting.json_ld import Found, Node, listed, types_of

_NO = frozenset({"false", "no", "0"})
_YES = frozenset({"true", "yes", "1"})
_LOCKED = frozenset({"locked", "paid", "premium", "subscriber", "subscribers"})
_TIER_TAGS = ("article:content_tier", "og:article:content_tier", "content_tier", "content-tier")
_FREE_TAGS = ("isaccessibleforfree",)
_PAGES = frozenset({"WebPage", "ItemPage", "WebPageElement"})


def is_paywalled(article: Node, found: Iterable[Found], metas: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether the article, its parts, the page around it or a meta tag says that it is not free.

    What the article says of itself goes first; what the page lists of other articles says nothing.
    """
    tiers = {value.strip().lower() for name in _TIER_TAGS for value in metas.get(name, ())}
    if not tiers.isdisjoint(_LOCKED):
        return True
    if article and (said := _is_free(article)) is not None:
        return not said
    around = [one.node for one in found if one.is_own and not _PAGES.isdisjoint(types_of(one.node))]
    parts = [part for node in (article, *around) for part in listed(node.get("hasPart")) if isinstance(part, dict)]
    said_by_page = [_is_free(node) for node in (*around, *parts)]
    said_by_tags = [_as_bool(value) for name in _FREE_TAGS for value in metas.get(name, ())]
    return False in said_by_page or False in said_by_tags


def _is_free(node: Node) -> bool | None:
    return next(
        (said for value in listed(node.get("isAccessibleForFree")) if (said := _as_bool(value)) is not None), None
    )


def _as_bool(value: object) -> bool | None:
    """Read True, "False", "http://schema.org/False", {"@id": "schema:False"} and their kin."""
    if isinstance(value, dict):
        value = value.get("@id", value.get("@value"))
    word = str(value).strip().lower().rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    return False if word in _NO else True if word in _YES else None
