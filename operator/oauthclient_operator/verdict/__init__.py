"""Every sentence that users read in a condition or an Event, by what it is about; nothing is decided here."""
