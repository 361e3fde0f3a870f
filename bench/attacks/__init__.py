"""One tenant against the others: attacks on a running operator, and what a good tenant feels of each."""
