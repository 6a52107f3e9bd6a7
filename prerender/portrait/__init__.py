"""The built-in animator."""
