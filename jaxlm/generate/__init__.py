"""Sampling from a decoder: one pure step (`step.py`), driven by a compiled loop or by a streaming generator."""

from jaxlm.generate.loop import Generation, generate
from jaxlm.generate.sampling import Doubt, Sampling
from jaxlm.generate.scoring import next_distribution, score
from jaxlm.generate.streaming import Event, stream

__all__ = ["Doubt", "Event", "Generation", "Sampling", "generate", "next_distribution", "score", "stream"]
