"""Pages of open banking: where customers let apps in and see what left, and where staff decide on apps."""
