"""One module a provider: the addresses it answers, byte for byte."""
