"""What to do next, decided from values alone: `plan(observed, desired, now)`; no I/O, no clock, no memory lives here."""

from .ladder import plan

__all__ = ["plan"]
