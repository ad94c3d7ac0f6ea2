"""The tag and the official tracker, driven through the same steps and compared."""
