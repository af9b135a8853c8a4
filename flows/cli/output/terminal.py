"""Output: data on stdout, messages on stderr, with terminal control characters removed from both.

rich, which draws on terminals, is loaded where there is one: it is a tenth of a small command.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, Final, TextIO, TypeVar
from zoneinfo import ZoneInfo

import click

from flows.exports.safe_json import json_text
from models.wording import UNSAFE_CHARACTERS

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

# Escape codes begin with controls of C0 or C1; the other marks turn the direction of writing, which can make one text
# look like another. What is half a character cannot be printed at all.
_UNSAFE: Final = re.compile(f"[{UNSAFE_CHARACTERS}\r]")
_SPACE: Final = re.compile(r"\s+")
_MARK: Final = "bold yellow"
_FORCING: Final = ("FORCE_COLOR", "TTY_COMPATIBLE")  # by these rich takes a pipe for a terminal, or a terminal for none

Part = tuple[str, str]  # a piece of text that is safe to show, and its style

_Item = TypeVar("_Item")


def plain(text: str) -> str:
    """Return hostile text as one line that is safe to show."""
    return _UNSAFE.sub("", _SPACE.sub(" ", text)).strip()


def plain_lines(text: str) -> str:
    """Return hostile text safe to show, its lines kept."""
    return _UNSAFE.sub("", text.replace("\r\n", "\n").replace("\t", " "))


def say(message: str, *, is_bad: bool = False) -> None:
    """Tell a person something: on stderr, one line or several; on a terminal no word is cut at its edge."""
    if not is_terminal(sys.stderr):
        click.echo(plain_lines(message), err=True)
        return
    from rich.console import Console

    _fold(message, Console(stderr=True, markup=False, emoji=False, highlight=False), "bold red" if is_bad else "")


def is_terminal(stream: TextIO) -> bool:
    """Tell whether a stream leads to a terminal, as rich does."""
    if not stream.isatty() and not any(name in os.environ for name in _FORCING):
        return False
    from rich.console import Console

    return Console(file=stream).is_terminal


def stdout_bytes() -> BinaryIO:
    """Return stdout for bytes: what is UTF-8 stays so, whatever the terminal's encoding is."""
    sys.stdout.flush()
    return sys.stdout.buffer


def print_json(value: object) -> None:
    """Print one JSON document."""
    out = stdout_bytes()
    out.write(json_text(value, indent=2).encode() + b"\n")
    out.flush()


def print_lines(*lines: str, console: "Console | None" = None) -> None:
    """Print lines that hold hostile text; on a terminal no word is cut at its edge."""
    drawn_on = (console or stdout_console()) if leads_to_terminal(console) else None
    for line in lines:
        _fold(line, drawn_on) if drawn_on else click.echo(plain_lines(line))


def _fold(text: str, console: "Console", style: str = "") -> None:
    """Print text that may be hostile, folded between words."""
    from rich.text import Text

    console.print(Text(plain_lines(text), style=style), overflow="fold")


def stdout_console() -> "Console":
    """Return the console for data."""
    from flows.cli.output.console import DataConsole

    return DataConsole()


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    console: "Console | None" = None,
    *,
    spare: Sequence[str] = (),
) -> None:
    """Print rows: as a table that fits the terminal, or as lines with tabs in a pipe.

    `spare` names columns that a narrow terminal goes without, in that order; it says so.
    """
    shown = [[plain(_cell(value)) for value in row] for row in rows]
    if leads_to_terminal(console):
        _draw_table(columns, shown, console or stdout_console(), spare)
    else:
        for line in (columns, *shown):
            click.echo("\t".join(line))


def _draw_table(
    columns: Sequence[str], shown: Sequence[Sequence[str]], console: "Console", spare: Sequence[str]
) -> None:
    from rich.text import Text

    from flows.cli.output.tables import table_of, too_wide

    left_out = too_wide(columns, shown, console.width, spare)
    kept = [at for at, name in enumerate(columns) if name not in left_out]
    rows_kept = [[row[at] for at in kept] for row in shown]
    console.print(table_of([columns[at] for at in kept], rows_kept, console.width))
    if left_out:
        console.print(Text(f"Left out for want of room: {', '.join(left_out)}. --json has all.", style="dim"))


def leads_to_terminal(console: "Console | None" = None) -> bool:
    """Tell whether a console, by default that of stdout, writes to a terminal."""
    return is_terminal(sys.stdout) if console is None else console.is_terminal


def print_parts(lines: Iterable[Sequence[Part]]) -> None:
    """Print lines of styled text, which must be safe already: on a terminal with its styles, in a pipe without."""
    if not is_terminal(sys.stdout):
        click.echo("\n".join("".join(text for text, _ in line) for line in lines))
        return
    from rich.text import Text

    print_text(Text("\n").join(Text.assemble(*line) for line in lines))


def print_text(text: "Text", console: "Console | None" = None) -> None:
    """Print styled text; its words must be safe already."""
    console = console or stdout_console()
    console.print(text, soft_wrap=not console.is_terminal)


def moment(when: datetime | None, zone: ZoneInfo) -> str:
    """Return a moment for a person, to the minute."""
    return "" if when is None else f"{when.astimezone(zone):%Y-%m-%d %H:%M}"


def marked(text: str, places: Iterable[tuple[int, int]], sign: str = "") -> "Text":
    """Return hostile text safe to show, with places of the original highlighted, of overlapping ones the longest."""
    from rich.text import Text

    return Text.assemble(*marked_parts(text, places, sign=sign))


def marked_parts(text: str, places: Iterable[tuple[int, int]], style: str = "", *, sign: str = "") -> list[Part]:
    """Return what `marked` does in parts, where the highlighted ones keep the style of the text around them."""
    shown: list[Part] = []
    at = 0
    for start, end in sorted(places, key=lambda place: (place[0], -place[1])):
        if start >= at:
            shown.append((plain_lines(text[at:start]), style))
            shown.append((f"{sign}{plain_lines(text[start:end])}{sign}", f"{style} {_MARK}".strip()))
            at = end
    return [*shown, (plain_lines(text[at:]), style)]


def progress(items: Iterable[_Item], total: int, what: str) -> Iterator[_Item]:
    """Give the items on, with a bar on a terminal; nothing is shown elsewhere."""
    if not is_terminal(sys.stderr):
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield from bar.track(items, total=total)


def _cell(value: object) -> str:
    return "" if value is None else str(value)
