"""One protocol per task, and the engines behind it."""
