"""Bytes that are damaged on the disk or in the database: a sentence of their own, and the story is shown."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from flows.web.app import make_app
from flows.web.reading import ReadingRoom
from models.queries.provenance import facts_of
from models.storage.database import write_transaction
from models.storage.packing import TextPacker
from models.tables.documents import RawBlob
from models.tables.keys import table_of
from models.tables.stories import Story, StoryVersion
from tests.builders import NOON
from tests.flows.web.conftest import ADDRESS, Reader, filled

PAGE = b"<p>The sea level rises.</p>" * 100


@pytest.fixture
def own_room(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[ReadingRoom]:
    """Give an archive that the test may damage."""
    with filled(tmp_path, new_database()) as room:
        yield room


def damage_document(room: ReadingRoom) -> None:
    """Have every version come from a stored document, whose file is torn."""
    digest = room.raw.put(PAGE)
    blob = {"digest": digest, "kind": "page", "content_type": "text/html", "size_bytes": len(PAGE)}
    with write_transaction(room.engine) as connection:
        connection.execute(insert(table_of(RawBlob)).values(blob | {"first_seen_at": NOON}))
        connection.execute(update(table_of(StoryVersion)).values(raw_digest=digest))
    assert Reader(make_app(room, [ADDRESS])).get("/story/1/original/1").content == PAGE
    (file,) = room.settings.home.rglob(f"{digest}.zst")
    file.write_bytes(file.read_bytes()[:-7])


def damage_entry(room: ReadingRoom) -> None:
    """Tear the entries that are kept with the versions."""
    with write_transaction(room.engine) as connection:
        connection.execute(update(table_of(StoryVersion)).values(raw_entry=b"no zstd"))


@pytest.mark.parametrize("damage", [damage_document, damage_entry])
def test_damaged_original_bytes_are_named(own_room: ReadingRoom, damage: Callable[[ReadingRoom], None]) -> None:
    """The answer says that they are damaged and which command tells more; the rest of the story is shown."""
    damage(own_room)
    reader = Reader(make_app(own_room, [ADDRESS]))
    for form in ("file", "text"):
        answer = reader.get(f"/story/1/original/1?form={form}")
        assert answer.status_code == 503
        assert "These original bytes are damaged" in answer.text
        assert "climate-archive verify" in answer.text
        assert str(own_room.settings.home) not in answer.text
    uid = reader.get("/api/stories/1").json()["uid"]
    assert reader.get(f"/story/{uid}").status_code == 200


@pytest.mark.parametrize("damaged", [b"no zstd", None], ids=["other bytes", "a torn end"])
def test_a_story_whose_html_is_damaged_shows_its_text(
    own_room: ReadingRoom, caplog: pytest.LogCaptureFixture, damaged: bytes | None
) -> None:
    """With every paragraph of it; the log says which story it is."""
    reader = Reader(make_app(own_room, [ADDRESS]))
    uid = reader.get("/api/stories/1").json()["uid"]
    html = "<p>The <em>sea level</em> rises by 9 centimetres.</p>"
    with write_transaction(own_room.engine) as connection:
        version_id, text = connection.execute(
            select(StoryVersion.id, StoryVersion.text)
            .join(Story, Story.version_id == StoryVersion.id)
            .where(Story.id == 1)
        ).one()
        mine = update(table_of(StoryVersion)).where(table_of(StoryVersion).c.id == version_id)
        (packed,) = TextPacker(text).pack(html.encode())
        connection.execute(mine.values(html=packed))
    with own_room.view() as connection:
        assert facts_of(connection, 1).html == html
    assert "<em>sea level</em>" in reader.get(f"/story/{uid}").text
    with write_transaction(own_room.engine) as connection:
        connection.execute(mine.values(html=packed[:-3] if damaged is None else damaged))
    with own_room.view() as connection:
        assert facts_of(connection, 1).html == ""
    assert "The HTML of story 1 is damaged" in caplog.text
    answer = reader.get(f"/story/{uid}")
    assert answer.status_code == 200
    for paragraph in text.split("\n\n"):
        assert f"<p>{paragraph}</p>" in answer.text
