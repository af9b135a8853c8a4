"""Fit logistic regressions: an output at a time on sparse words, all at once on dense vectors. Needs [learn]."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

Array = np.ndarray[Any, Any]
SEED = 0
ITERATIONS = 120
# Features of a stack that a topic weighs in its own way: constant, terms, words, meaning, the like, all examples.
STACK_FREE = 6


def fit_words(matrix: Any, labels: Array, counts: Array, strength: float, balance: float) -> tuple[Array, float]:
    """Return coefficients and bias of one output; labels are probabilities, and each row weighs its count.

    A rare label's stories weigh (others / own) to the power `balance`.
    """
    labels = labels.astype(float)
    own, others = (counts * labels).sum(), (counts * (1 - labels)).sum()
    lift = (others / own) ** balance
    yes, no = np.flatnonzero(labels > 0), np.flatnonzero(labels < 1)
    weights = np.concatenate([(counts * labels * lift)[yes], (counts * (1 - labels))[no]])
    model = LogisticRegression(C=strength, solver="liblinear", random_state=SEED, tol=1e-3)
    model.fit(sp.vstack([matrix[yes], matrix[no]]), [1] * len(yes) + [0] * len(no), sample_weight=weights)
    return model.coef_[0], float(model.intercept_[0])


def fit_vectors(matrix: Array, labels: Array, counts: Array, strength: float, balance: float) -> tuple[Array, Array]:
    """Return coefficients (a row a dimension, a column an output) and biases of all outputs."""
    matrix = np.ascontiguousarray(matrix, dtype=np.float32)
    width, outputs = matrix.shape[1], labels.shape[1]
    own = (counts[:, None] * labels).sum(0)
    others = (counts[:, None] * (1 - labels)).sum(0)
    yes = strength * counts[:, None] * labels * (others / own) ** balance
    no = strength * counts[:, None] * (1 - labels)

    def loss(flat: Array) -> tuple[float, Array]:
        both = flat.reshape(width + 1, outputs)
        odds = matrix @ both[:-1].astype(np.float32) + both[-1]
        missed = np.logaddexp(0, -odds)
        value = float((yes * missed + no * (missed + odds)).sum() + 0.5 * (both[:-1] ** 2).sum())
        chance = 1 / (1 + np.exp(-odds))
        slope = no * chance - yes * (1 - chance)
        return value, np.vstack([matrix.T @ slope.astype(np.float32) + both[:-1], slope.sum(0)]).ravel()

    options = {"maxiter": ITERATIONS, "maxfun": 2 * ITERATIONS, "ftol": 1e-6}
    found = minimize(loss, np.zeros((width + 1) * outputs), jac=True, method="L-BFGS-B", options=options)
    both = found.x.reshape(width + 1, outputs)
    return both[:-1], both[-1]


def fit_kernel(alike: Array, labels: Array, looseness: float) -> Array:
    """Return what likeness to each example adds to every output above its mean; `alike` is of each with each."""
    matrix = (alike + looseness * np.eye(len(alike))).astype(np.float32)
    factor = cho_factor(matrix, overwrite_a=True, check_finite=False)
    return np.asarray(cho_solve(factor, (labels - labels.mean(axis=0)).astype(np.float32), check_finite=False))


def fit_stack(
    rows: Sequence[tuple[Sequence[tuple[float, ...]], Sequence[bool], float]], strength: float, own: float
) -> tuple[tuple[float, ...], ...]:
    """Return a row of weights for each topic: what holds for all topics, and a topic's own part in the first ones.

    A row given is of each topic its features, the first of them 1, and whether it is right; and how much it weighs.
    """
    given = np.array([features for features, _, _ in rows])
    stories, topics, width = given.shape
    free = own * np.einsum("stf,tu->stuf", given[:, :, :STACK_FREE], np.eye(topics))
    matrix = np.concatenate([given[:, :, 1:], free.reshape(stories, topics, -1)], axis=2).reshape(stories * topics, -1)
    is_right = np.array([right for _, right, _ in rows]).ravel()
    slopes, offset = curve(matrix, is_right, strength, np.repeat([count for _, _, count in rows], topics))
    every = np.tile([offset, *slopes[: width - 1]], (topics, 1))
    every[:, :STACK_FREE] += own * slopes[width - 1 :].reshape(topics, STACK_FREE)
    return tuple(tuple(round(float(value), 4) for value in row) for row in every)


def curve(
    strengths: Array, is_right: Array, strength: float = 100.0, counts: Array | None = None
) -> tuple[Array, float]:
    """Return slopes and offset of a plain logistic curve."""
    fitted = LogisticRegression(C=strength, max_iter=1000).fit(strengths, is_right, sample_weight=counts)
    return fitted.coef_[0], float(fitted.intercept_[0])
