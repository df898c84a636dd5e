"""The arithmetic of payments: codes to be paid by, as the standards write them."""
