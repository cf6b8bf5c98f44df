"""The wire contract in code: `docs/protocol.md` in types. Bytes in, messages out; no I/O."""
