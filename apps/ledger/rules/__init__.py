"""The arithmetic of the books: numbers in, numbers out."""
