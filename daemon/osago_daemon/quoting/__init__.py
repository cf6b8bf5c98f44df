"""Runs: one application, every insurer, numbered events, exactly one end."""
