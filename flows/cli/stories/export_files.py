"""The file that an export goes to, and the format that its name or an option asks for."""

from pathlib import PurePath
from typing import Final

import click

from flows.exports.registry import DEFAULT_FORMAT, ENDINGS, FORMATS, format_of

_PACKED: Final = (".gz", ".bz2", ".xz", ".zip", ".zst")


def kind_of(kind: str | None, output: str | None) -> str:
    """Return the format that is named, else that of the file's ending; of none, the default.

    Raise click.UsageError for an ending that no format has.
    """
    if kind is not None or output is None:
        return kind or DEFAULT_FORMAT
    ending = PurePath(output).suffix
    if (found := format_of(output)) is None and ending:
        hint = ", or pipe what is on stdout into a packer" if ending.lower() in _PACKED else ""
        raise click.UsageError(
            f"No format ends in {ending}. Known are {', '.join(ENDINGS)}; else name one with --format{hint}."
        )
    return found or DEFAULT_FORMAT


def told(output: str, kind: str) -> str:
    """Name a file, and the format that is in it where the name says otherwise."""
    name = output.lower()
    is_other = not name.endswith(FORMATS[kind].endings) and (format_of(output) or name.endswith(_PACKED))
    return f"{output}, as {kind} in spite of its name" if is_other else output


def folder_of_tables(kind: str | None, output: str | None) -> str:
    """Return the folder that tables go to. Raise click.UsageError where what is asked for makes none."""
    if kind not in {None, "parquet"}:
        raise click.UsageError(f"--tables writes parquet, and no {kind}: leave --format out.")
    if output is None:
        raise click.UsageError("--tables needs a folder: -o FOLDER.")
    if format_of(output):
        raise click.UsageError(f"--tables makes a folder, and {output} is a file's name: -o {PurePath(output).stem}.")
    return output
