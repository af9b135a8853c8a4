"""Turn stories into vectors of meaning, where the sentence encoder of the extra `[meaning]` is installed."""

from flows.steps._labelling.encoder import encoder_version, load_encoder, story_vectors

__all__ = ["encoder_version", "load_encoder", "story_vectors"]
