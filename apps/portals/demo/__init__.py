"""The demo bank: a year of a small bank's life, told through the operations on a virtual clock."""
