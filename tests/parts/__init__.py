"""The real parts that tests and the demo run on: where they come from, how they start and stop. Never a mock of them."""
