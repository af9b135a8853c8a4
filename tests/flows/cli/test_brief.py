"""`brief`: the last night in short."""

from datetime import timedelta

from msgspec.structs import replace
from sqlalchemy import Engine

from models.storage.database import write_transaction
from tests.builders import NOON, Archive, Piece
from tests.flows.cli.conftest import Command
from tests.models.queries.test_corrections import tell

SEA = "The sea rose by {} mm in {} years, said {}. The coast with its towns must move."


def test_the_last_night_in_short(full: Command) -> None:
    """The night's new stories stand under their topics with a sentence and an address; an earlier one can be named."""
    first = full("brief", "--run", "1")
    assert first.code == 0, first.err
    assert "3 new stories" in first.out
    assert "- Sea level rises (2 outlets, first: One)" in first.out
    assert "https://one.example/sea" in first.out
    assert "\x1b" not in first.out
    assert "0 new stories" in full("brief", "--format", "md").out
    assert full("brief", "--run", "9").code == 4


def test_whoever_hands_a_story_in_is_no_outlet(full: Command, engine: Engine) -> None:
    """Of a new story that a feed shows too, and of one that was corrected."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        feed, box = archive.feed("one"), archive.import_source("import:box")
        wind = Piece(title="A wind park", text="The wind park has 12 turbines.", url="https://one.example/wind")
        archive.night(box, wind)
        run_id = archive.begin()
        rain = Piece(title="Rain", text="It rains.", url="https://one.example/rain")
        archive.show(run_id, box, rain, replace(wind, text=wind.text.replace("12", "14")))
        archive.show(run_id, feed, rain)
        archive.end(run_id)
        tell(archive)
    brief = full("brief").out
    assert "- Rain (One)\n" in brief
    assert "- A wind park (one.example)\n  number: 12 → 14" in brief
    assert "import:box" not in brief.lower()


def test_a_story_that_was_corrected_is_one_item(full: Command, engine: Engine) -> None:
    """However much was corrected in it; a night's corrections are its own, whatever later nights bring."""
    first = Piece(title="Rise", text=SEA.format("1.54", "12", "Ada Lind"), url="https://one.example/rise")
    later = replace(first, text=SEA.format("1.5", "11", "Ada Holm"))
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        spec = archive.feed("one")
        for day, piece in enumerate((first, later, replace(later, text=SEA.format("1.6", "11", "Ada Holm"))), start=1):
            archive.now = NOON + timedelta(days=day)
            night = archive.night(spec, piece)
        tell(archive)
    said = full("brief", "--run", night - 1).out.partition("Corrections\n")[2]
    assert said.count("- Rise (One)\n") == 1
    assert "1.54 mm → 1.5 mm; " in said
    assert "1.6" not in said
    assert said.splitlines()[1].count("; ") == 2
    assert "1.5 mm → 1.6 mm" in full("brief").out
