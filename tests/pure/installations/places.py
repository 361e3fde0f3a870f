"""Who and what is there in lives, by its name."""

from typing import Final

TENANTS: Final = ("shop", "billing")
ISSUERS: Final = ("corporate", "other")
CLIENTS: Final = ("web", "api")
ADOPTING: Final = "moved-in"
PUBLISHED: Final = (*CLIENTS, "shared")
APP: Final = "https://shop.example.com"
