"""What a page says of its address: that another story is the same article, or that it has one more name."""

from flows.steps._identity.likeness import are_titles_equal, mark
from flows.steps._identity.names import titled_keys
from flows.steps.urls import registrable_domain, url_key
from models.identity import KeyKind, KeyName, KnownStory, Merger
from models.stages import CleanStory, FetchResult


def address_keys(result: FetchResult, page: CleanStory | None, title: str) -> tuple[KeyName, ...]:
    """Return the keys by which another story may be this page's article; those of other domains say nothing of it."""
    canonical = page.canonical_url if page is not None else None
    named = [url for url in (result.final_url, canonical) if url and not is_elsewhere(result.url, url)]
    keys = [name for url in named if (name := address_key(url)) is not None and name != address_key(result.url)]
    bare = tuple(dict.fromkeys(keys))
    return bare + titled_keys(bare, mark(title))


def address_key(url: str) -> KeyName | None:
    """Return the key of an address; None where it cannot identify."""
    key = url_key(url)
    return KeyName.of(KeyKind.URL, "", key) if key else None


def is_elsewhere(url: str, other: str) -> bool:
    """Tell whether two addresses belong to different registrable domains."""
    return registrable_domain(url) != registrable_domain(other)


def merger(known: KnownStory, namesakes: tuple[KnownStory, ...]) -> Merger | None:
    """Decide which stories become part of the oldest, given those that the page's address leads to."""
    same = [one for one in namesakes if one.id != known.id and are_titles_equal(one.state.title, known.state.title)]
    if not same:
        return None
    oldest, *younger = sorted([known, *same], key=lambda one: one.id)
    return Merger(into=oldest.id, story_ids=tuple(one.id for one in younger))
