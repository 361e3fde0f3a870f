"""A Kubernetes operator that registers OAuth clients by Dynamic Client Registration and publishes their credentials.

Pure code decides, a thin shell acts; docs/code.md tells which room is for what.
"""
