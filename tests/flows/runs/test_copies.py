"""What a run remembers of the stories that it compared."""

from flows.runs.derived.copies import remember_sketches


def test_the_last_ones_are_remembered() -> None:
    """Where there is no room for all, those that were compared first make it."""
    known = {1: b"a", 2: b"b"}
    remember_sketches(known, {3: b"c"}, most=2)
    assert known == {2: b"b", 3: b"c"}
