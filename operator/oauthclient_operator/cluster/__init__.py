"""The Kubernetes API server: what is asked of it, watched and held there; what to do is decided elsewhere."""
