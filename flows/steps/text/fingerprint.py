"""Measure and fingerprint a text that is clean already, without the parsers that clean one."""

from flows.steps._cleaning.content import content_hash, weighted_length

__all__ = ["content_hash", "weighted_length"]
