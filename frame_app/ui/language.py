"""The language of the frame: chosen in the settings, switched while it runs."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from frame_app.base.hooks import Hook
from frame_app.config.live import LiveSettings
from frame_app.config.model import FrameSettings

FOLDER = Path(__file__).resolve().parent / "translations"


class Language:
    """Installs the translation that the settings ask for; UI thread.

    All translations are read when it is made, a few ten kilobytes, so that switching touches no
    disk. English is the language of the sources and has no file.
    """

    def __init__(self, live: LiveSettings) -> None:
        self.changed = Hook[[]]()
        """Texts read differently from now on."""
        self.code = ""
        """ISO 639-1 of the language in force."""
        self._live = live
        self._files = {path.stem: path.read_bytes() for path in FOLDER.glob("*.qm")}
        self._translator: QTranslator | None = None
        self._adopt()
        live.changed.add(self._follow)

    def close(self) -> None:
        """Speak English again."""
        if self._translator is not None:
            QCoreApplication.removeTranslator(self._translator)
            self._translator = None

    def _follow(self, before: FrameSettings) -> None:
        if before.panel.language != self._live.now.panel.language:
            self._adopt()
            self.changed.fire()

    def _adopt(self) -> None:
        wanted: str = self._live.now.panel.language
        if wanted == "auto":
            spoken = [name.partition("-")[0] for name in QLocale.system().uiLanguages()]
            known = {"en", *self._files}
            wanted = next((name for name in spoken if name in known), "en")
        self.code = wanted
        self.close()
        QLocale.setDefault(QLocale(wanted))
        if wanted in self._files:
            self._translator = QTranslator()
            self._translator.load(self._files[wanted])
            QCoreApplication.installTranslator(self._translator)
