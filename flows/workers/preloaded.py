"""The steps that the jobs run. A process that forks workers imports this, so that each has them loaded."""

from flows.steps import captures, changes, classify, clean, copies, documents, extract, parse

STEPS = (captures, changes, classify, clean, copies, documents, extract, parse)
