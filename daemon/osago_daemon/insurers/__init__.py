"""Insurers' REST APIs: what they are told, how their answers are read, how bytes get there."""
