"""What runs within a worker, looked at from within."""

import json
import operator
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from flows.workers.process import Answer, answer
from models.errors import Bug, WorkersFailed


def _asked(function: Callable[..., Any], *arguments: object, trouble: str | None = None) -> Answer:
    found: Answer = pickle.loads(answer(pickle.dumps((function, arguments)), trouble))
    return found


def test_an_answer_holds_the_result():
    """The function's result is handed through."""
    assert _asked(operator.add, 1, 2) == Answer(3)


@pytest.mark.parametrize(
    ("function", "argument", "error"),
    [(json.loads, "[", json.JSONDecodeError), (etree.fromstring, b"<a>", Bug)],
    ids=["one that can travel", "one that cannot"],
)
def test_an_answer_tells_an_error_that_can_travel(function, argument, error):
    """An error is itself where it can be rebuilt in the parent, else a Bug; its traceback stands beside."""
    told = _asked(function, argument)
    assert isinstance(told.error, error)
    assert "Traceback" in told.trace


def test_an_answer_that_cannot_travel_is_an_error():
    """A result that cannot be sent is told, and the worker lives on."""
    assert isinstance(_asked(eval, "lambda: 0").error, Exception)


def test_every_call_is_told_of_the_trouble_at_the_start():
    """Where the initializer failed nothing is called."""
    assert isinstance(_asked(operator.add, 1, 2, trouble="no topics").error, WorkersFailed)
