"""Who a customer is, proven; tiers and the limits they give."""
