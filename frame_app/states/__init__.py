"""Floor 3: what the frame is doing, and how that changes."""
