"""The registration record, ledger and truth of one resource: values, their transitions, their JSON; never I/O."""
