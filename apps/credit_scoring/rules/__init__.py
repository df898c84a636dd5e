"""The arithmetic of credit: scales, factors, scorecards, figures of merit, limits, prices, stress."""
