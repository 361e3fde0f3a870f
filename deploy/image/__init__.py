"""The image, built by whichever engine works here. Python's standard library is all that this needs."""
