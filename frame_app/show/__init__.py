"""Floor 3: what is shown when; decoding."""
