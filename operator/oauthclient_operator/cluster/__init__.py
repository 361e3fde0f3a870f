"""The Kubernetes API server: what we ask of it, watch on it and hold there. What to do with that is decided elsewhere."""
