"""The socket: who may connect, what they say, what they are told. Knows nothing of insurers."""
