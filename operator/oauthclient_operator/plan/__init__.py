"""What to do next, decided from values alone by `plan(observed, desired, now)`; never I/O, a clock or memory."""

from .ladder import plan

__all__ = ["plan"]
