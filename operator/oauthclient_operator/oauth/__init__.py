"""The OAuth protocols as values: requests are built and responses judged here; nothing here does I/O or knows Kubernetes."""
