"""rich's console for data. Imported where something is drawn alone: rich is a tenth of a small command."""

from rich.console import Console


class DataConsole(Console):
    """A console of stdout. Markup is off: a title in brackets is a title."""

    def __init__(self) -> None:
        super().__init__(markup=False, emoji=False, highlight=False)

    def on_broken_pipe(self) -> None:
        """Let the command end as wherever its reader has left; rich ends it as failed."""
        raise  # called while BrokenPipeError is handled
