"""When to poll: learned times until an application is decided, and polls along them."""
