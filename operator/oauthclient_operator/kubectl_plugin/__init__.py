"""`kubectl oauthclient`: what a team asks about its OAuthClients and has done to them, by its own kubeconfig.

It needs no more rights than a team has, and nothing of it runs in the cluster; no rule of the operator's lives here.
"""
