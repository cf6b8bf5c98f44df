"""One command a file; the file's docstring says what it does."""
