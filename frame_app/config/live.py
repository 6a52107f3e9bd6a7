"""The settings in force, which change while the frame runs."""

from collections.abc import Mapping

from frame_app.base.hooks import Hook
from frame_app.config.model import FrameSettings
from frame_app.config.store import SettingsStore, Value


class LiveSettings:
    """What everybody reads their settings from, each time they need one. UI thread changes it.

    `now` is one frozen value that is replaced as a whole, so other threads may read it too.
    """

    def __init__(self, settings: FrameSettings, store: SettingsStore | None = None) -> None:
        """Begin with `settings`; without a `store` changes last as long as the program."""
        self.now = settings
        self.changed = Hook[[FrameSettings]]()
        """After each change, with what was in force before; the new settings are in `now`."""
        self._store = store or SettingsStore.of(settings)

    def change(self, table: str, key: str, value: Value) -> None:
        """Put one setting into force at once and keep it over restarts.

        Raises:
            ConfigError: there is no such setting, or the value is out of its bounds.
        """
        self._adopt(self._store.change(table, key, value))

    def reset(self, table: str, key: str) -> None:
        """Take back what the panel changed: the user's file, or the default, counts again."""
        self._adopt(self._store.reset(table, key))

    def replace(self, tables: Mapping[str, object]) -> tuple[str, ...]:
        """Take over all changes of another frame; returns what could not be taken, in sentences."""
        loaded = self._store.replace(tables)
        self._adopt(loaded.settings)
        return loaded.problems

    def _adopt(self, settings: FrameSettings) -> None:
        before, self.now = self.now, settings
        if settings != before:
            self.changed.fire(before)
