"""Says things to people: SMS, e-mail, in-app; and lets them choose."""
