"""The two commands of a fresh machine, `make run` and `make test`: nothing in here runs in production."""
