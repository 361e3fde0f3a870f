"""What an administrator runs by hand beside `run`, under rights of their own; it never destroys a record."""
