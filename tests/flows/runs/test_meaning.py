"""How long a run may have the second reader read."""

import math
from datetime import timedelta

import pytest

from flows.runs.derived.meaning import time_for

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("share", "run_waited", "story_waited", "time"),
    [
        pytest.param(0.25, 600, 0, 150, id="a quarter of ten minutes"),
        pytest.param(0.25, 3, 0, None, id="a quick night begins none"),
        pytest.param(0.25, 19.9, 11, None, id="nor does one that is not quite long enough"),
        pytest.param(0.25, 20, 0, 5, id="the least"),
        pytest.param(0.25, 3, 12, 60, id="what has waited for half a day is read"),
        pytest.param(0.25, 600, 12, 150, id="and takes nothing from a long night"),
        pytest.param(2, 600, 0, 1200, id="more than the night waited, for who wants that"),
    ],
)
def test_the_time_for_reading(share: float, run_waited: float, story_waited: int, time: float | None) -> None:
    """A share of the run's own waiting, but for what is too little and what has waited too long."""
    expected = None if time is None else timedelta(seconds=time)
    assert time_for(share, timedelta(seconds=run_waited), story_waited * HOUR) == expected


def test_without_a_bound_all_is_read() -> None:
    """By a run that took no time at all too."""
    assert time_for(math.inf, timedelta(), timedelta()) == timedelta.max
