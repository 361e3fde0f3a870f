"""Which keys wait at which issuers, until they are called, or let go."""

from ..reach import IssuerAddress
from ..resource.key import Key


class WaitingKeys:
    """Keys by issuer, in the order in which they came; a resource may have clients at several, and wait at each."""

    def __init__(self) -> None:
        self._at: dict[IssuerAddress, dict[Key, None]] = {}
        self._by_key: dict[Key, dict[IssuerAddress, None]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._at.values()))

    def add(self, key: Key, issuer: IssuerAddress) -> None:
        """Have a key wait at an issuer."""
        self._at.setdefault(issuer, {})[key] = None
        self._by_key.setdefault(key, {})[issuer] = None

    def at(self, issuer: IssuerAddress) -> tuple[Key, ...]:
        """Return who waits at an issuer."""
        return tuple(self._at.get(issuer, ()))

    def let_go(self, key: Key, issuer: IssuerAddress) -> None:
        """Let a key wait at an issuer no more."""
        if issuer not in self._by_key.get(key, ()):
            return
        del self._at[issuer][key], self._by_key[key][issuer]
        if not self._at[issuer]:
            del self._at[issuer]
        if not self._by_key[key]:
            del self._by_key[key]

    def forget(self, key: Key) -> None:
        """Let a key wait nowhere any more."""
        for issuer in tuple(self._by_key.get(key, ())):
            self.let_go(key, issuer)
