"""Floor 4: the frame as an appliance; no Qt."""
