"""The registration record, ledger and truth of one resource: values, transitions, their stored form; never I/O."""
