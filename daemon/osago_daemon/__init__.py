"""The quote daemon: asks every insurer at once and pushes each outcome to whoever watches."""
