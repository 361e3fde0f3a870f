"""Whether a server accepts a client's credentials: found out by requests that change nothing, each with its control.

A *probe* is a kind of request for something that does not exist; its *control* is the same request of a client that
cannot exist. Right after a registration, when the credentials are known to be good, `calibrate` finds the first probe
that tells the client from nobody; later `check` sends that one alone. No I/O, no clock and no chance live here: whoever
asks brings the exchange, the time and what is made up. docs/proof.md says what servers answer.
"""
