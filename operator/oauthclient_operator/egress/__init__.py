"""The one door to authorization servers: what may be reached, and how; OAuth and Kubernetes are unknown here."""
