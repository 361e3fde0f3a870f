"""The Kubernetes client without the half of it that is synchronous, which nobody here calls.

The package imports all its clients when it is imported, and kopf asks for the synchronous one to know its types of
objects, of which none is ever given to it. That would be 234 modules, 8 MiB, and a fifth of the CPU that importing
takes.
"""

import sys
from importlib.util import find_spec
from types import ModuleType
from typing import Final

_PACKAGE: Final = "kubernetes"
_SYNCHRONOUS: Final = f"{_PACKAGE}.client"


def leave_out_synchronous_client() -> None:
    """Let `kubernetes.aio` be imported alone, if nobody has imported the package before.

    Whoever asks for the synchronous client then gets an ImportError, as where it is not installed, and kopf does
    without it.
    """
    spec = find_spec(_PACKAGE) if _PACKAGE not in sys.modules else None
    if spec is None or spec.submodule_search_locations is None:
        return
    package = ModuleType(_PACKAGE)
    package.__spec__, package.__path__ = spec, spec.submodule_search_locations
    sys.modules[_PACKAGE] = package
    # The import system's own way to say that a module is not to be had (the language reference, section 5.3.1).
    sys.modules[_SYNCHRONOUS] = None  # type: ignore[assignment] # that is how
