"""What tests on real authorization servers stand on, and: the programs are there before the first test's clock runs."""

import pytest

from tests.parts.programs import programs


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.option.collectonly:
        return
    if any("api_server" in getattr(item, "fixturenames", ()) for item in session.items):
        # A first build takes minutes: more than a test's timeout, and nobody should wait without a word.
        capture = session.config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():
            programs()
