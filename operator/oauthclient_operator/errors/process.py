"""Why a process ends, or does not start; the message of each is for the person who runs it."""


class ProcessEnded(Exception):
    """Base of the reasons for which a process ends; never raised itself."""


class ToldToStop(ProcessEnded):
    """SIGTERM or SIGINT: the good end of a process."""


class LeaseLost(ProcessEnded):
    """Another process holds the Lease."""


class FenceMissing(ProcessEnded):
    """The admission policy that fences this operator in is not there, or is older; it does not reconcile then."""


class DefinitionsOutdated(ProcessEnded):
    """The definitions of our kinds are not there, or are older than this operator."""


class AddressTaken(ProcessEnded):
    """The address of `--listen` cannot be listened on."""


class StorageRestored(ProcessEnded):
    """The API server's storage was restored from a backup: what this process knows is not so any more."""


class AuthorityChanged(ProcessEnded):
    """The API server shows no certificate that is accepted: mostly, another authority vouches for it by now."""
