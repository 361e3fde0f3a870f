"""What the operator's owner decides at start: flags and environment variables, checked before anything else happens.

A flag wins over its variable, `OAUTHCLIENT_OPERATOR_` and the flag's name. What can be given several times as a flag
is separated by commas in a variable. Nothing lives here that a tenant decides.
"""

from .flags import add_flags
from .parsers import Address
from .values import LEASE_RENEWAL, MARGIN, Options

__all__ = ["LEASE_RENEWAL", "MARGIN", "Address", "Options", "add_flags"]
