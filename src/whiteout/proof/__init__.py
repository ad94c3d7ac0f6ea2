"""Proof that nothing is stored which may not be: the byte search, `prove` and `audit`."""
