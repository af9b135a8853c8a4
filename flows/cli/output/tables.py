"""Tables that fit a terminal: no word is cut while there is room for it, and a status has its colour."""

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

_FRAME: Final = 2  # columns that a column of the table takes beside its text
_LONGEST_WORD: Final = 40  # columns; what is longer, an address say, is folded anywhere
# A status by its word, in whichever table; what is passing or asks for a look is yellow.
_STYLES: Final = {
    **dict.fromkeys(("ok", "completed", "active"), "green"),
    **dict.fromkeys(("failed", "crashed"), "bold red"),
    **dict.fromkeys(("gone",), "magenta"),
    **dict.fromkeys(("completed with errors", "running", "interrupted", "dormant", "waiting"), "yellow"),
    **dict.fromkeys(("unchanged", "skipped"), "dim"),
}
_OF_STATUS: Final = frozenset({"status", "state"})


def table_of(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Table:
    """Make a table of at most so many columns of a terminal."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), collapse_padding=True)
    cells = [list(column) for column in zip(columns, *rows, strict=True)]
    for name, column, wide in zip(columns, cells, _widths(cells, width), strict=True):
        filled = [cell for cell in column[1:] if cell]
        is_number = bool(filled) and all(cell.isdecimal() for cell in filled)
        table.add_column(name, justify="right" if is_number else "left", width=wide, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell, style=_style(name, cell)) for name, cell in zip(columns, row, strict=True)))
    return table


def too_wide(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int, spare: Sequence[str]) -> list[str]:
    """Name the spare columns, in their order, without which the longest words of the others fit the width."""
    needed = {
        name: min(max(map(_longest_word, cells)), _LONGEST_WORD) + _FRAME
        for name, *cells in zip(columns, columns, *rows, strict=True)
    }
    left_out: list[str] = []
    for name in spare:
        if sum(needed.values()) <= width:
            break
        del needed[name]
        left_out.append(name)
    return left_out


def _style(column: str, cell: str) -> str:
    return _STYLES.get(cell, "") if column in _OF_STATUS else ""


def _widths(columns: Sequence[Sequence[str]], width: int) -> list[int]:
    """Give each column the room of its longest word, and what is left to those whose cells are the shortest."""
    room = max(width - _FRAME * len(columns), len(columns))
    wanted = [max(map(cell_len, cells)) for cells in columns]
    widths = [min(max(map(_longest_word, cells)), _LONGEST_WORD) for cells in columns]
    while sum(widths) > room:  # the widest column gives way; the first one, which names its row, only at last
        widest = max(range(len(widths)), key=lambda at: (at > 0 and widths[at] > 1, widths[at]))
        widths[widest] -= 1
    for at in sorted(range(len(wanted)), key=lambda at: wanted[at]):
        widths[at] += max(0, min(wanted[at] - widths[at], room - sum(widths)))
    return widths


def _longest_word(cell: str) -> int:
    return max(map(cell_len, cell.split()), default=0)
