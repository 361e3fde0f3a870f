"""The operator's command, without the ten minutes after its start in which it replaces no client that seems gone.

Run as a script: kill after kill these would begin anew, and a process lives by its machine's clock. The turn is all
that is not waited for; it asks nobody anything. Whose it is when: tests/pure/test_fleet.py.
"""

import sys
from unittest.mock import patch

from oauthclient_operator.command_line import main
from oauthclient_operator.reconcile.fleet import Fleet

if __name__ == "__main__":
    with patch.object(Fleet, "not_before", return_value=None):
        sys.exit(main())
