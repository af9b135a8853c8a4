"""A table whose numbers have six bits takes three quarters of its room, and gives back what it had."""

import pytest

from flows.steps._labelling.six_bits import SixBits, is_six_bits

np = pytest.importorskip("numpy")


@pytest.mark.parametrize("rows", [pytest.param(7, id="few rows"), pytest.param(9_001, id="several pieces")])
def test_rows_come_back_as_they_were(rows: int) -> None:
    """Whichever are asked for, in whichever order, some of them twice."""
    table = np.random.default_rng(3).integers(0, 64, (rows, 12)).astype(np.uint8)
    kept, asked = table.copy(), np.array([rows - 1, 0, rows // 2, 0])
    packed = SixBits(table)
    assert (packed[asked] == kept[asked]).all()
    assert (packed[np.arange(rows)] == kept).all()
    assert packed._rows.nbytes == kept.nbytes * 3 // 4


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(None, id="no table"),
        pytest.param(np.full((4, 8), 64, np.uint8), id="a larger number"),
        pytest.param(np.zeros((4, 6), np.uint8), id="columns that are not in fours"),
        pytest.param(np.zeros((4, 8), np.float32), id="other numbers"),
        pytest.param(np.zeros((8, 8), np.uint8)[::2], id="a part of another table"),
    ],
)
def test_what_cannot_be_packed_is_left(table: object) -> None:
    """A release of the encoder may keep its words in another way."""
    assert not is_six_bits(table)
