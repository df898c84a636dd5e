"""The arithmetic of loans: numbers in, numbers out; no ORM, no clock, no settings."""
