"""What talks to an authorization server for a program; no rule of a protocol and nothing of Kubernetes lives here."""
