"""An OAuthClient as values: what it is, what it asks for and what its status says; nothing here decides or does I/O."""
