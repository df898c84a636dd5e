"""Who signs in: customers, staff, their devices and factors."""
