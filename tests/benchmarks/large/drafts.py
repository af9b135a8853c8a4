"""What a night of a large archive brings, made of its number alone, with all that can be made without a database."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from flows.steps._identity.likeness import mark
from flows.steps.changes import corrections_between
from flows.steps.clean import content_hash, weighted_length
from flows.steps.copies import copy_marks, likeness_of
from flows.steps.text.digest import entry_digest
from flows.steps.text.urls import url_key
from models.archive.texts.versions import entry_source
from models.copies import CopyMarks, Likeness
from models.corrections import Correction, Revised
from models.search.prepared import prepared
from models.stages import Entry, FeedSpec, Relevance
from models.storage.packing import TextPacker
from tests.benchmarks.large.words import ASKED, OLD, Written, corrected, edited, write

STORIES_A_NIGHT: Final = 500  # about climate
OFF_TOPIC_A_NIGHT: Final = 100
REVISED_A_NIGHT: Final = 25
FIRST_NIGHT: Final = datetime(2021, 1, 1, 4, 15, tzinfo=UTC)
FEEDS: Final = 200
SUMMARY: Final = 400  # characters of a text, give or take: most feeds show summaries
_OLD_NIGHTS: Final = 10
_LANGUAGES: Final = {"en": 104, "de": 24, "fr": 20, "es": 20, "pt": 10, "it": 10, "zh": 8, "ja": 4}  # feeds of each
_COUNTRIES: Final = {"en": "GB", "de": "DE", "fr": "FR", "es": "ES", "pt": "BR", "it": "IT", "zh": "CN", "ja": "JP"}
_COPIED, _SHARED, _LATE, _UNDATED, _DOUBTED = 0.1, 0.08, 0.1, 0.02, 0.05
AUTHORS: Final = ("The desk",)
TAGS: Final = ("Climate",)


class Text(Struct, frozen=True, kw_only=True):
    """One text of a story, with what is made of it."""

    title: str
    text: str
    html: bytes  # packed
    digest: str  # of its entry
    content_hash: str
    text_hash: str
    length: float
    raw_entry: bytes


class Draft(Struct, frozen=True, kw_only=True):
    """A story as a night brings it; places are those of its night."""

    feeds: tuple[str, ...]  # that show it, the first one of them first
    language: str
    texts: tuple[Text, ...]  # of a revised one, both
    url: str
    url_key: str
    guid: str
    published_at: datetime | None
    is_relevant: bool
    needs_review: bool
    topics: tuple[str, ...]
    words: tuple[str, ...]  # of its search row
    marks: CopyMarks
    corrections: tuple[Correction, ...]
    original: int | None = None  # the place of the story that it is a copy of
    likeness: Likeness | None = None


@cache
def feed_specs() -> tuple[FeedSpec, ...]:
    """Return the feeds of a large archive."""
    languages = [language for language, count in _LANGUAGES.items() for _ in range(count)]
    return tuple(
        FeedSpec(
            id=f"feed-{at:03}",
            name=f"Outlet {at}",
            url=f"https://outlet-{at}.example/feed",
            position=at,
            relevance=Relevance.ASSUME if at % 4 == 0 else Relevance.GATE,
            language=language,
            country=_COUNTRIES[language],
        )
        for at, language in enumerate(languages)
    )


def night_at(number: int) -> datetime:
    """Return when a night begins."""
    return FIRST_NIGHT + timedelta(days=number)


def drafts_of(number: int, database: str, topics: Sequence[str], length: int = SUMMARY) -> list[Draft]:
    """Make the stories of a night for a kind of database: those about climate first, of which the first are revised."""
    making = _Night(number, database, topics, length)
    return [making.draft(place) for place in range(STORIES_A_NIGHT + OFF_TOPIC_A_NIGHT)]


class _Night:
    """A night under way."""

    def __init__(self, number: int, database: str, topics: Sequence[str], length: int) -> None:
        self._choose = random.Random(f"night {number}")
        self._number, self._database, self._topics, self._length = number, database, topics, length
        self._originals: list[tuple[int, Written, Draft]] = []  # by place

    def draft(self, place: int) -> Draft:
        """Make the story of a place, the places in their order."""
        choose = self._choose
        is_relevant, is_revised = place < STORIES_A_NIGHT, place < REVISED_A_NIGHT
        if is_relevant and self._originals and choose.random() < _COPIED:
            return self._copy(place)
        spec = choose.choice(feed_specs())
        assert spec.language is not None
        written = write(choose, spec.language, int(self._length * choose.uniform(0.4, 1.6)), self._asked(is_relevant))
        texts: tuple[Written, ...] = (written,)
        if is_revised:
            texts = corrected(written, choose.randrange(100, 500), choose.randrange(500, 900))
        made = self._finished(place, spec, texts, self._moment())
        if is_relevant and not is_revised:
            self._originals.append((place, written, made))
        return made

    def _copy(self, place: int) -> Draft:
        """Make a copy that another outlet prints somewhat later."""
        choose = self._choose
        at, written, original = choose.choice(self._originals)
        spec = choose.choice([one for one in feed_specs() if one.language == original.language])
        first = original.published_at or night_at(self._number)
        later = min(first + timedelta(minutes=choose.randrange(1, 300)), night_at(self._number))
        made = self._finished(place, spec, (edited(choose, written, original.language),), later)
        likeness = likeness_of(original.texts[0].text, made.texts[0].text)
        return replace(made, original=at, likeness=likeness) if likeness else made

    def _asked(self, is_relevant: bool) -> list[str]:
        if not is_relevant:
            return []
        asked = [word for word, share in ASKED.items() if self._choose.random() < share]
        is_old = self._number < _OLD_NIGHTS and self._choose.random() < _COPIED
        return [*asked, OLD] if is_old else asked

    def _moment(self) -> datetime | None:
        """Choose when a story was published: mostly on the day before, sometimes long ago, sometimes nobody says."""
        choose = self._choose
        if choose.random() < _UNDATED:
            return None
        age = (
            timedelta(days=choose.uniform(2, 700))
            if choose.random() < _LATE
            else timedelta(hours=choose.uniform(0, 36))
        )
        return (night_at(self._number) - age).replace(microsecond=0)

    def _finished(self, place: int, spec: FeedSpec, texts: Sequence[Written], published_at: datetime | None) -> Draft:
        choose, is_relevant = self._choose, place < STORIES_A_NIGHT
        entry = _entry(spec, f"{self._number:05}/{place:03}")
        others = [one.id for one in feed_specs() if one.language == spec.language and one.id != spec.id]
        kept = [_text(one, entry) for one in texts]
        return Draft(
            feeds=(spec.id, choose.choice(others)) if choose.random() < _SHARED else (spec.id,),
            language=spec.language or "",
            texts=tuple(kept),
            url=entry.url or "",
            url_key=entry.url_key or "",
            guid=entry.guid or "",
            corrections=_corrections(kept),
            published_at=published_at,
            is_relevant=is_relevant,
            needs_review=choose.random() < _DOUBTED,
            topics=tuple(choose.sample(self._topics, choose.choice((1, 1, 2, 3)))) if is_relevant else (),
            words=prepared(self._database, kept[-1].title, kept[-1].text, spec.language) if is_relevant else (),
            marks=copy_marks(kept[-1].text, AUTHORS),
        )


def _entry(spec: FeedSpec, name: str) -> Entry:
    """Make an entry without its words."""
    url = f"https://{spec.id}.example/news/{name}"
    told = Entry(
        position=0, guid=f"{spec.id}:{name}", url=url, url_key=url_key(url), title_html="", html="", base_url=url
    )
    return replace(told, authors=AUTHORS, tags=TAGS)


def _text(written: Written, entry: Entry) -> Text:
    told = replace(entry, title_html=written.title, html=written.html)
    digest = entry_digest(
        title_html=told.title_html,
        html=told.html,
        guid=told.guid,
        url_key=told.url_key,
        authors=told.authors,
        tags=told.tags,
    )
    html, raw_entry = TextPacker(written.text).pack(written.html.encode(), entry_source(told))
    return Text(
        title=written.title,
        text=written.text,
        html=html,
        digest=digest,
        content_hash=content_hash(written.title, written.text),
        text_hash=mark(written.text),
        length=weighted_length(written.text),
        raw_entry=raw_entry,
    )


def _corrections(texts: Sequence[Text]) -> tuple[Correction, ...]:
    if len(texts) == 1:
        return ()
    before, after = texts
    told = Revised(title_before=before.title, title_after=after.title, text_before=before.text, text_after=after.text)
    return tuple(corrections_between(told))
