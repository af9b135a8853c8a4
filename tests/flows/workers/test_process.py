"""What runs within a worker, looked at from within."""

import json
import operator
import resource
import signal

import pytest
from lxml import etree

from flows.workers.process import Setup, prepare, run
from models.errors import Bug


def test_run_returns_the_result():
    """The function's result is handed through."""
    assert run(operator.add, 1, 2) == 3


@pytest.mark.parametrize(
    ("function", "argument", "error"),
    [(json.loads, "[", json.JSONDecodeError), (etree.fromstring, b"<a>", Bug)],
    ids=["one that can travel", "one that cannot"],
)
def test_run_raises_what_can_travel(function, argument, error):
    """An error is itself where it can be rebuilt in the parent, else a Bug that tells it."""
    with pytest.raises(error):
        run(function, argument)


def test_prepare_calls_the_initializer():
    """A worker is told its arguments after its limits are set, and dies of SIGTERM at once."""
    told: list[object] = []
    handler = signal.getsignal(signal.SIGTERM)
    try:
        prepare(Setup(resource.RLIM_INFINITY, told.append, ("topics",)))
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, handler)
    assert told == ["topics"]
