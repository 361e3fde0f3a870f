"""Installations of the operator over one cluster in virtual time: their watches, queues and passes as in production.

What kopf does is done by `resource_feed`; all else between the API server's answers and its next request is the
operator's own.
"""
