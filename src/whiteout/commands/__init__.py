"""What the command `whiteout` does, a file for each of its larger commands."""
