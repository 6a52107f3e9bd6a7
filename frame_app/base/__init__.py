"""Floor 0, shared with prerender: errors, arrays, files, paths, logs."""
