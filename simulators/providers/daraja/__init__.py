"""Safaricom's Daraja (M-PESA): one module a subject; `site` answers, everything else is asked by it."""
