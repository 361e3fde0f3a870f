"""The tests: pure (tables of values), wire (loopback sockets), cluster (a real API server), parts (what they run on)."""
