"""Double-entry books: the one place where money moves."""
