"""Floor 4: the only folder that names PySide6."""
