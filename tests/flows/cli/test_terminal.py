"""What reaches a terminal."""

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console
from rich.text import Text

from flows.cli.output.terminal import marked, moment, plain, plain_lines, print_lines, print_table, print_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b[31mred\x1b[0m", "[31mred[0m", id="an escape code"),
        pytest.param("\x9b31mred", "31mred", id="an escape code in one character"),
        pytest.param("a\x07\x08b\x7f", "ab", id="bell, backspace, delete"),
        pytest.param("a\u202eb\u2066c\ufeff", "abc", id="marks that turn the direction"),
        pytest.param("a\udcffb", "ab", id="half a character"),
        pytest.param(" a\n\tb\r\nc ", "a b c", id="white space becomes one blank"),
        pytest.param("[bold]x[/bold]", "[bold]x[/bold]", id="brackets are brackets"),
        pytest.param("می‌خواهم 👩‍🚀", "می‌خواهم 👩‍🚀", id="joiners inside words and signs stay"),
    ],
)
def test_hostile_text_is_made_plain(text: str, shown: str) -> None:
    """Nothing is left that acts on a terminal, and everything else is."""
    assert plain(text) == shown


def test_lines_are_kept_where_they_are_wanted() -> None:
    """Paragraphs stay; a carriage return alone would overwrite its line."""
    assert plain_lines("a\r\n\nb\rc\td\x1b") == "a\n\nbc d"


def test_places_are_marked_as_they_stand_in_the_original() -> None:
    """What is taken out before a place does not move its mark; of places that overlap the longest is marked."""
    text = marked("\x1b\x1bsea level", [(2, 5), (2, 11), (6, 11)])
    assert text.plain == "sea level"
    assert [text.plain[span.start : span.end] for span in text.spans] == ["sea level"]


def _console(*, is_terminal: bool) -> Console:
    return Console(file=io.StringIO(), width=40, force_terminal=is_terminal, markup=False, highlight=False, emoji=False)


def _shown(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_table_on_a_terminal_fits_it() -> None:
    """Cells are folded, numbers stand right, markup and escape codes are words."""
    console = _console(is_terminal=True)
    print_table(["title", "n"], [["[red]long[/red] " * 8 + "\x1b[31m", 7], [None, 12]], console)
    text = _shown(console)
    assert "[red]long[/red]" in text
    assert "\x1b[31m" not in text
    assert max(len(Text.from_ansi(line).plain) for line in text.splitlines()) <= 40


def _table_lines(*, width: int, spare: tuple[str, ...] = ()) -> list[str]:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, markup=False, highlight=False)
    rows = [[1, "completed with errors", "2026-11-29 09:34", "the server answered 503 Service Unavailable", 36]]
    print_table(["run", "status", "started", "remark", "took"], rows, console, spare=spare)
    return [Text.from_ansi(line).plain for line in _shown(console).splitlines()]


def test_no_word_of_a_table_is_cut_while_there_is_room_for_it() -> None:
    """A cell is folded between its words; a column that has no room is left out, and that is said."""
    words = {"run", "status", "completed", "errors", "2026-11-29", "09:34", "Unavailable", "36"}
    lines = _table_lines(width=56)
    assert words <= set(" ".join(lines).split())
    assert max(map(len, lines)) <= 56
    narrow = _table_lines(width=44, spare=("took", "started"))
    assert words - {"36"} <= set(" ".join(narrow).split())
    assert "Left out for want of room: took. --json has all." in " ".join(" ".join(narrow).split())


def test_a_status_has_its_colour() -> None:
    """ok, failed and gone are told apart at a glance; the same word elsewhere is a word."""
    console = _console(is_terminal=True)
    print_table(["status", "name"], [[status, status] for status in ("ok", "failed", "gone")], console)
    codes = [line.split("ok")[0] for line in _shown(console).splitlines() if "ok" in line]
    styles = [_shown(console).split(word)[0].rpartition("\x1b[")[2] for word in ("ok", "failed", "gone")]
    assert codes
    assert len(set(styles)) == 3


def test_lines_are_folded_between_words_on_a_terminal() -> None:
    """A paragraph that is longer than a line breaks at a blank."""
    console = Console(file=io.StringIO(), width=30, force_terminal=True, markup=False, highlight=False)
    print_lines("The replanted mangroves halve the surge", console=console)
    assert _shown(console).split() == ["The", "replanted", "mangroves", "halve", "the", "surge"]
    assert len(_shown(console).splitlines()) == 2


def test_a_table_in_a_pipe_is_lines_with_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    """A row is a line, never cut."""
    print_table(["title", "n"], [["long " * 30, 7]])
    assert capsys.readouterr().out == f"title\tn\n{('long ' * 30).strip()}\t7\n"


@pytest.mark.parametrize(("is_terminal", "lines"), [(True, 3), (False, 1)], ids=["terminal", "pipe"])
def test_text_is_wrapped_on_a_terminal_alone(is_terminal: bool, lines: int) -> None:
    """In a pipe a paragraph is a line."""
    console = _console(is_terminal=is_terminal)
    print_text(Text("word " * 20), console)
    assert len(_shown(console).splitlines()) == lines


def test_a_moment_is_shown_in_a_zone() -> None:
    """To the minute; one that is unknown is empty."""
    berlin = ZoneInfo("Europe/Berlin")
    assert moment(datetime(2026, 7, 14, 22, 30, 59, tzinfo=UTC), berlin) == "2026-07-15 00:30"
    assert moment(None, berlin) == ""
