"""The OAuth protocols as values: requests are built and responses judged here; no I/O, and no Kubernetes."""
