"""Looking at insurers.toml without a daemon: check it, show what holds, begin one, its JSON Schema.

A program of its own, `python -m osago_daemon.config`, that writes one JSON document; `osago config`
runs it and puts the document into the user's language. Never holds the value of a secret.
"""
