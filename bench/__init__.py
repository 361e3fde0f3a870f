"""What a client costs in time, requests and memory, against a bare client: no test, and nothing of it ships."""
