"""Other banks: the PesaLink switch, the settlement bank that takes files, and the cross-border partner."""
