"""Write versions of stories and their labels: one row a text, one judgement a text."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, bindparam, case, delete, exists, func, null, select, update

from models import json_text
from models.archive.texts.corrections import forget_corrections
from models.archive.texts.judgements import KeptJudgement, write_judgements
from models.identity import LoadContext, NewVersion
from models.stages import ClassifiedStory, Entry, Source
from models.storage.database import batches, insert_rows
from models.storage.packing import TextPacker
from models.tables.documents import RawBlob
from models.tables.keys import reserve_keys, table_of
from models.tables.labels import ClassificationRow
from models.tables.stories import Story, StoryVersion
from models.tables.vectors import StoryVector

_STORIES, _VERSIONS, _LABELS = table_of(Story), table_of(StoryVersion), table_of(ClassificationRow)
_VECTORS = table_of(StoryVector)

_IS_BY_HAND: Final = exists(
    select(null()).where(_LABELS.c.id == _STORIES.c.classification_id, _LABELS.c.origin == "hand")
)
_POINT: Final = (
    update(_STORIES)
    .where(_STORIES.c.id == bindparam("story"))
    .values(
        version_id=bindparam("version"),
        classification_id=case((_IS_BY_HAND, _STORIES.c.classification_id), else_=bindparam("label")),
    )
)


class CodeVersions(Struct, frozen=True, kw_only=True):
    """Which code made the rows."""

    extractor: str
    key: int


class NewText(Struct, frozen=True, kw_only=True):
    """A version to be written for a story."""

    story_id: int
    version: NewVersion
    classified: ClassifiedStory
    title: str  # the story's, which may be another feed's than the text
    source: Source
    feed_id: str | None
    raw_entry: bytes | None  # what entry_source made
    raw_digest: str | None


class PlacedText(Struct, frozen=True, kw_only=True):
    """A version with the keys of its row and of its judgement's row."""

    text: NewText
    version_id: int
    label_id: int


def place(connection: Connection, texts: Sequence[NewText]) -> list[PlacedText]:
    """Give versions their keys, so that stories can point to them before they are written."""
    fresh = sum(text.version.in_place_of is None for text in texts)
    version_ids = iter(reserve_keys(connection, _VERSIONS, fresh))
    label_ids = reserve_keys(connection, _LABELS, len(texts))
    return [
        PlacedText(text=text, version_id=text.version.in_place_of or next(version_ids), label_id=label_id)
        for text, label_id in zip(texts, label_ids, strict=True)
    ]


def write_texts(connection: Connection, placed: Sequence[PlacedText], context: LoadContext, code: CodeVersions) -> bool:
    """Write placed versions and their labels; the stories must exist.

    Of a text that another takes the place of the vector is forgotten, and what was told of it. Return whether anything
    was: it is told anew where a change of the story is logged.
    """
    inserted = [_version_row(one, context, code) for one in placed if one.text.version.in_place_of is None]
    insert_rows(connection, _VERSIONS, inserted)
    changed = [one for one in placed if _rewrite_version(connection, one, code)]
    write_judgements(connection, [_judgement(one) for one in placed], context.now)
    _forget_vectors(connection, changed)
    return bool(changed) and forget_corrections(connection, [one.version_id for one in changed])


def point_to(connection: Connection, placed: Sequence[PlacedText]) -> None:
    """Make these versions and labels the current ones of their stories; a label given by hand stays."""
    rows = [{"story": one.text.story_id, "version": one.version_id, "label": one.label_id} for one in placed]
    for batch in batches(rows):
        connection.execute(_POINT, batch)


def entry_source(entry: Entry) -> bytes:
    """Keep an entry's own title and HTML, so that newer code can clean them again."""
    return json_text.encode({"title_html": entry.title_html, "html": entry.html, "base_url": entry.base_url})


def unpack_entry(raw: bytes, text: str) -> dict[str, str]:
    """Return what is kept of an entry beside this text: title_html, html, base_url."""
    source: dict[str, str] = json_text.decode(TextPacker(text).unpack(raw))
    return source


class KeptSource(Struct, frozen=True, kw_only=True):
    """What a version was made of: an entry's own title and HTML, or the document of a page."""

    version_id: int
    title: str  # the story's, as the version has it
    url: str
    text: str
    raw_entry: bytes | None  # packed beside the text
    raw_digest: str | None
    content_type: str


def sources_of(connection: Connection, version_ids: Iterable[int]) -> list[KeptSource]:
    """Return the sources of these versions, as far as the versions still stand."""
    columns = ("title", "text", "raw_entry", "raw_digest")
    query = (
        select(_VERSIONS.c.id.label("version_id"), *(_VERSIONS.c[name] for name in columns))
        .add_columns(func.coalesce(_STORIES.c.url, "").label("url"))
        .add_columns(func.coalesce(RawBlob.content_type, "").label("content_type"))
        .join(_STORIES, _STORIES.c.id == _VERSIONS.c.story_id)
        .join(RawBlob, RawBlob.digest == _VERSIONS.c.raw_digest, isouter=True)
    )
    rows = connection.execute(query.where(_VERSIONS.c.id.in_(list(version_ids))))
    return [KeptSource(**row._mapping) for row in rows]  # noqa: SLF001 (SQLAlchemy's public name)


def _text_columns(text: NewText, code: CodeVersions) -> dict[str, Any]:
    story = text.classified.story
    html, raw_entry = TextPacker(story.text).pack(story.html.encode(), text.raw_entry or b"")
    return {
        "feed_id": text.feed_id,
        "title": text.title,
        "text": story.text,
        "html": html,
        "content_hash": story.content_hash,
        "method": story.method,
        "confidence": story.confidence,
        "extractor_version": code.extractor,
        "raw_entry": raw_entry or None,
        "raw_digest": text.raw_digest,
    }


def _version_row(placed: PlacedText, context: LoadContext, code: CodeVersions) -> dict[str, Any]:
    text = placed.text
    return _text_columns(text, code) | {
        "id": placed.version_id,
        "story_id": text.story_id,
        "number": text.version.number,
        "reason": text.version.reason.value,
        "source": text.source.value,
        "run_id": context.run_id,
        "created_at": context.met_at,
    }


def _rewrite_version(connection: Connection, placed: PlacedText, code: CodeVersions) -> bool:
    """Put a text in the place of its version's, where it is to stand in one; tell whether it is another text."""
    if placed.text.version.in_place_of is None:
        return False
    chosen = _VERSIONS.c.id == placed.version_id
    before = connection.scalar(select(_VERSIONS.c.content_hash).where(chosen))
    replaced = {
        "replaced_hash": _VERSIONS.c.content_hash,
        "replaced_extractor_version": _VERSIONS.c.extractor_version,
    }
    connection.execute(update(_VERSIONS).where(chosen).values(_text_columns(placed.text, code) | replaced))
    return before != placed.text.classified.story.content_hash


def _forget_vectors(connection: Connection, changed: Sequence[PlacedText]) -> None:
    """Forget the vectors of stories whose current words are others now, in the same version."""
    for batch in batches(changed):
        stale = select(_STORIES.c.id).where(
            _STORIES.c.id.in_([one.text.story_id for one in batch]),
            _STORIES.c.version_id.in_([one.version_id for one in batch]),
        )
        connection.execute(delete(_VECTORS).where(_VECTORS.c.story_id.in_(stale)))


def _judgement(placed: PlacedText) -> KeptJudgement:
    return KeptJudgement(
        id=placed.label_id,
        story_id=placed.text.story_id,
        version_id=placed.version_id,
        classification=placed.text.classified.classification,
    )
