"""The executor: a resource brought step by step to what it asks; it never decides what the next step is."""
