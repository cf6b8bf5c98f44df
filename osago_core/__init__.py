"""What both sides of the socket agree on: applications, offers, the tariff, the wire. No I/O."""

__version__ = "0.1.0"
