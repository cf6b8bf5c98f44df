"""One output format a file, and the words that human formats share."""
