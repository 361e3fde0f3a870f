"""The registration record, write-ahead ledger and truth of one resource: values, their transitions and their JSON; never I/O."""
