"""What watches, checks and counts the cluster: the caches behind the executor's ports; nothing is decided here."""
