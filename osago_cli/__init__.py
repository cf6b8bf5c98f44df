"""What a person or a script touches. Talks to the daemon over the socket, never imports it."""
