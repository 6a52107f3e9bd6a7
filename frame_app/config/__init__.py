"""Floor 2: settings and behaviours."""
