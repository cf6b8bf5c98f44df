"""What the daemon tells its administrator."""
