"""Floor 3: a child process that watches through the camera, and its supervisor. No Qt."""
