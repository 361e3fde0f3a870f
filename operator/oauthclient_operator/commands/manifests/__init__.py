"""Manifests as files, without a cluster: read within bounds, held to the definition, judged by the operator's own code.

Nothing here asks anybody: what only a cluster or an authorization server knows is not known here.
"""
