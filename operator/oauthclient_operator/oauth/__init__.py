"""The OAuth protocols as values: requests are built and responses judged here, without I/O and without Kubernetes."""
