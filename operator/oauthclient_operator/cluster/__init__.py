"""The Kubernetes API server: what is asked of it, watched and held there; what to do is decided elsewhere."""

from .asynchronous_client import leave_out_synchronous_client

# Before any module of this room, or kopf, imports the client.
leave_out_synchronous_client()
