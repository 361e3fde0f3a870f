"""Fuzzing: every parser of a peer's or a tenant's bytes, what must hold whatever they are, and the inputs to keep."""
