"""A table of numbers below 64, four of them in three bytes: the encoder's words are most of its memory."""

from typing import TYPE_CHECKING, Any, Final, TypeGuard

if TYPE_CHECKING:
    import numpy as np

    Matrix = np.ndarray[Any, Any]

_ROWS: Final = 4_096  # that are packed at once


class SixBits:
    """Such a table, which gives its rows as it had them."""

    def __init__(self, table: "Matrix") -> None:
        """Pack a table in the place of its own numbers, so that both never stand beside each other."""
        rows, self._columns = table.shape
        width, flat = self._columns * 3 // 4, table.reshape(-1)
        for start in range(0, rows, _ROWS):
            packed = _packed(table[start : start + _ROWS])
            flat[start * width : start * width + packed.size] = packed
        del flat
        table.resize(rows * width, refcheck=False)
        self._rows = table.reshape(rows, width)

    def __getitem__(self, numbers: "Matrix") -> "Matrix":
        """Return the rows with these numbers."""
        import numpy as np

        one, two, three = np.moveaxis(self._rows[numbers].reshape(len(numbers), -1, 3), -1, 0)
        fours = (one >> 2, (one & 3) << 4 | two >> 4, (two & 15) << 2 | three >> 6, three & 63)
        return np.stack(fours, axis=-1).reshape(len(numbers), self._columns)


def is_six_bits(table: object) -> "TypeGuard[Matrix]":
    """Tell whether a table can be packed: whether it is one of such numbers, and nobody else's."""
    import numpy as np

    if not isinstance(table, np.ndarray) or table.dtype != np.uint8 or table.ndim != 2:
        return False
    return bool(table.flags.owndata and table.shape[1] % 4 == 0 and table.max() < 1 << 6)


def _packed(rows: "Matrix") -> "Matrix":
    import numpy as np

    one, two, three, four = np.moveaxis(rows.reshape(len(rows), -1, 4), -1, 0)
    return np.stack((one << 2 | two >> 4, two << 4 | three >> 2, three << 6 | four), axis=-1).reshape(-1)
