"""Composition root of the player: options, settings, objects, wiring, loop, teardown in reverse."""

import argparse
import contextlib
import gc
import importlib.metadata
import logging
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from frame_app.base.errors import PortraitError
from frame_app.base.keeper import Keeper
from frame_app.base.logs import keep_recent_log, set_up_logging
from frame_app.base.paths import config_dir, library_dir, shipped, state_dir
from frame_app.cliplib.reader import open_library
from frame_app.config.arrangement import Arrangement
from frame_app.config.behaviours import load_behaviours
from frame_app.config.live import LiveSettings
from frame_app.config.lock import PinLock
from frame_app.config.model import PerceptionSettings
from frame_app.config.rulebook import RuleBook
from frame_app.config.store import SettingsStore
from frame_app.kiosk.crash import install_last_words
from frame_app.kiosk.display import Panel, keep_lit, switches
from frame_app.kiosk.memory import tidy_memory
from frame_app.kiosk.shutdown import StopSignals
from frame_app.kiosk.watchdog import Feeder, ServiceManager
from frame_app.perception.supervisor import Supervisor
from frame_app.show.clock import MonotonicClock
from frame_app.show.journal import FileJournal, Journal, NoJournal
from frame_app.show.script import ScriptEvent, load_script
from frame_app.show.shelf import Shelf
from frame_app.states.reactions import Reactions
from frame_app.ui import notices
from frame_app.ui.controller import FrameController, Parts
from frame_app.ui.direction import Direction, Run
from frame_app.ui.engine import (
    make_application,
    make_window,
    quit_loop,
    show_window,
    take_down,
    views_of,
)
from frame_app.ui.errands import Errands
from frame_app.ui.inputs import Inputs
from frame_app.ui.language import Language
from frame_app.ui.mpris import Mpris
from frame_app.ui.night import House, Night
from frame_app.ui.panel_parts import PanelParts
from frame_app.ui.panel_window import hang_panel
from frame_app.ui.perception_feed import PerceptionFeed
from frame_app.ui.player import Player, Stage

log = logging.getLogger(__name__)

_JOIN_S = 3.0
_SWITCH_S = 0.001  # how long a decoder may hold the interpreter while the UI thread waits for it


@dataclass(frozen=True, slots=True)
class Options:
    """The command line, checked."""

    library: Path | None
    windowed: bool
    size: tuple[int, int] | None
    run: Run
    is_scripted: bool
    journal: Path | None
    config: Path
    behaviours: Path | None
    camera: str | None
    camera_speed: float
    seed: int | None
    verbosity: int


def run(arguments: Sequence[str], *, started_s: float) -> int:
    """Play until told to stop; one sentence and an exit code for every expected failure."""
    try:
        options = parse(arguments)
        set_up_logging(verbosity=options.verbosity)
        install_last_words()
        if options.library is not None:
            # Named by hand, so a fault is an answer to whoever named it; a frame that starts by
            # itself with the library of its place shows the fallback instead and keeps looking.
            open_library(options.library).close()
        return play(options, started_s)
    except PortraitError as error:
        sys.stderr.write(f"frame-app: {error}\n")
        return error.exit_code


def play(options: Options, started_s: float) -> int:
    """Build everything from the bottom up, run, take it down from the top.

    Raises:
        PortraitError: something that was asked for cannot be had.
    """
    sys.setswitchinterval(_SWITCH_S)
    clock = MonotonicClock()
    library = options.library or library_dir()
    recent = keep_recent_log()
    rng = random.Random(options.seed)  # noqa: S311 - moods, not secrets
    with contextlib.ExitStack() as teardown:
        teardown.enter_context(tidy_memory())
        kept = _keep(options, teardown)
        settings, rules = kept.settings, kept.rules
        errands = Errands()
        teardown.callback(errands.close)
        journal = _journal(options, clock, started_s)
        teardown.callback(journal.close)
        shelf = Shelf(
            library,
            shipped("assets", "fallback", "fallback.jpg"),
            settings.now.decoding,
            settings.now.library.look_again_s,
        )
        shelf.start()  # decodes while Qt starts
        teardown.callback(shelf.join, _JOIN_S)
        teardown.callback(shelf.close)
        settings.changed.add(
            lambda _: shelf.adopt(settings.now.decoding, settings.now.library.look_again_s)
        )
        reactions = Reactions(rules.behaviours, rng)
        rules.changed.add(lambda: reactions.adopt(rules.behaviours))
        application = make_application()
        window = make_window()
        teardown.callback(take_down, application, window)
        stage = Stage(window, views_of(window), clock, journal, settings, rng, started_s)
        player = Player(stage, window)
        teardown.callback(player.join, _JOIN_S)
        teardown.callback(player.stop)
        parts = Parts(player, shelf, reactions, settings, clock, journal, rng, kept.arrangement)
        controller = FrameController(parts)
        teardown.callback(journal.write, "end")
        night = _manners(options, controller, parts, kept.keeper, teardown)
        inputs = Inputs(controller, player, settings, clock, reactions.key_gestures, night)
        inputs.connect_window(window, has_pointer=not options.is_scripted)
        direction = Direction(options.run, window, controller, player, night)
        teardown.callback(direction.close)
        feed = _watch(options, settings, controller, player, journal, teardown)
        inputs.yield_to(lambda: feed.camera.status.is_watching)
        panel = hang_panel(
            window,
            PanelParts(
                library, settings, kept.arrangement, kept.lock, Language(settings), clock, player,
                controller, errands, recent, feed, rules,
            ),
        )  # fmt: skip
        inputs.menu_wanted.add(panel.open)
        signals = StopSignals(quit_loop)
        teardown.callback(signals.restore)
        # A full collection over everything that was loaded takes up to 17 ms (measured), a frame's
        # time; after this only what came later is looked through.
        player.first_shown.add(gc.freeze)
        _report(player, window.update, lambda: night.is_panel_off, teardown)
        show_window(window, options.size, windowed=options.windowed)
        _complain(kept.problems, controller)
        player.beat.add(lambda _: _tell(kept.keeper, rules, controller))
        player.start()
        application.exec()
        # A service that is stopped leaves the room dark; somebody who ends it by hand sits there.
        night.close(lit=not signals.was_told)
        return signals.exit_code


def _journal(options: Options, clock: MonotonicClock, started_s: float) -> Journal:
    return FileJournal(options.journal, clock, started_s) if options.journal else NoJournal()


def _watch(
    options: Options,
    settings: LiveSettings,
    controller: FrameController,
    player: Player,
    journal: Journal,
    teardown: contextlib.ExitStack,
) -> PerceptionFeed:
    """Notice people by the camera that the settings, or the command line for this run, name."""

    def wanted() -> PerceptionSettings:
        own = settings.now.perception
        if options.camera is None:
            # A script is the viewer of its run, so that the run is the same each time.
            return own.model_copy(update={"enabled": False}) if options.is_scripted else own
        if options.camera == "off":
            return own.model_copy(update={"enabled": False})
        return own.model_copy(update={"source": options.camera})

    supervisor = Supervisor(wanted(), options.camera_speed)
    teardown.callback(supervisor.close)
    feed = PerceptionFeed(supervisor, controller, player, wanted(), journal)
    settings.changed.add(lambda _: feed.adjust(wanted()))
    feed.viewers_changed.add(controller.viewers_counted)
    return feed


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the frame remembers between two starts, and who writes it down."""

    keeper: Keeper
    settings: LiveSettings
    arrangement: Arrangement
    lock: PinLock
    rules: RuleBook
    problems: tuple[str, ...]


def _keep(options: Options, teardown: contextlib.ExitStack) -> _Kept:
    keeper = Keeper()
    teardown.callback(keeper.close, _JOIN_S)
    store = SettingsStore(options.config, state_dir() / "changes.toml", keeper.keep)
    loaded = store.load()
    arrangement = Arrangement(state_dir() / "arrangement.toml", keeper.keep)
    lock = PinLock(state_dir() / "pin.json", keeper.keep)
    rules, told = _rules(options, keeper, teardown)
    problems = (*loaded.problems, *filter(None, (arrangement.load(), lock.load())), *told)
    live = LiveSettings(loaded.settings, store)
    return _Kept(keeper, live, arrangement, lock, rules, problems)


def _report(
    player: Player,
    ask_for_frame: Callable[[], object],
    is_panel_off: Callable[[], bool],
    teardown: contextlib.ExitStack,
) -> None:
    """Tell the service manager when the frame is ready, that it lives, and when it stops."""
    feeder = Feeder(ServiceManager(), ask_for_frame, is_panel_off)
    player.first_shown.add(feeder.manager.ready)
    player.presented.add(feeder.pulse.present)
    player.beat.add(feeder.tick)
    teardown.callback(feeder.manager.stopping)


def _complain(problems: Sequence[str], controller: FrameController) -> None:
    for problem in problems:
        log.warning("%s", problem)
    if problems:
        more = len(problems) - 1
        detail = problems[0] + (f" (and {more} more)" if more else "")
        controller.notify(notices.not_used(problems), detail)


def _rules(
    options: Options, keeper: Keeper, teardown: contextlib.ExitStack
) -> tuple[RuleBook, tuple[str, ...]]:
    """The behaviours, watched for edits; a file named by hand must be sound.

    Raises:
        ConfigError: the file that was named has a fault.
    """
    default = shipped("config", "behaviours.toml")
    if options.behaviours is not None:
        load_behaviours(options.behaviours)
    own = options.behaviours or config_dir() / "behaviours.toml"
    rules = RuleBook(own, default, state_dir() / "behaviour-changes.toml", keeper.keep)
    problems = rules.load()
    rules.watch()
    teardown.callback(rules.close, _JOIN_S)
    return rules, problems


def _manners(
    options: Options,
    controller: FrameController,
    parts: Parts,
    keeper: Keeper,
    teardown: contextlib.ExitStack,
) -> Night:
    """Media keys; quiet hours, with the panel, in a window only by hand."""
    teardown.callback(Mpris(controller, parts.player, parts.player).close)
    panel = Panel(switches()) if options.windowed else Panel(switches(), keep_lit)
    teardown.callback(panel.close, _JOIN_S)
    house = House(parts.clock, parts.wall, parts.settings, parts.journal, panel, keeper.keep)
    state = None if options.windowed else state_dir() / "night.json"
    return Night(controller, parts.player, house, state)


def _tell(keeper: Keeper, rules: RuleBook, controller: FrameController) -> None:
    if problem := keeper.take_problem() or rules.take_news():
        controller.notify(notices.not_kept(problem), problem)


def _size(text: str) -> tuple[int, int]:
    try:
        width, height = (int(part) for part in text.lower().split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not WIDTHxHEIGHT") from None
    if not (64 <= width <= 16384 and 64 <= height <= 16384):
        raise argparse.ArgumentTypeError("a side has 64 to 16384 pixels")
    return width, height


def _camera(text: str) -> str:
    if text != "off":
        try:
            PerceptionSettings(source=text)
        except ValidationError:
            msg = f"{text!r} is not auto, off, a device, file:VIDEO or folder:PICTURES"
            raise argparse.ArgumentTypeError(msg) from None
    return text


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0.1 <= speed <= 20.0:
        raise argparse.ArgumentTypeError("a speed lies between 0.1 and 20")
    return speed


def _times(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(",") if part)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of seconds") from None


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line.

    Raises:
        ConfigError: the script cannot be used.
        SystemExit: wrong use, code 2; help or version, code 0.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.version:  # looked up only when it is asked for
        parser.exit(message=f"portrait-frame {importlib.metadata.version('portrait-frame')}\n")
    return Options(
        library=given.library,
        windowed=given.windowed or given.size is not None,
        size=given.size,
        run=Run(_events(given), given.grab or Path(), given.record),
        is_scripted=given.script is not None,
        journal=given.journal,
        config=given.config or config_dir() / "frame.toml",
        behaviours=given.behaviours,
        camera=given.camera,
        camera_speed=given.camera_speed,
        seed=given.seed,
        verbosity=given.verbose - given.quiet,
    )


def _events(given: argparse.Namespace) -> tuple[ScriptEvent, ...]:
    """The script, and what options say in its place."""
    script = load_script(given.script) if given.script else ()
    grabs = [
        ScriptEvent(at=at, event="grab", name=f"{at:g}".replace(".", "_")) for at in given.grab_at
    ]
    end = [] if given.for_s is None else [ScriptEvent(at=given.for_s, event="quit")]
    return tuple(sorted((*script, *grabs, *end), key=lambda event: event.at))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="frame-app",
        description="Plays a library of living portraits. Press ? in the frame for its keys.",
        epilog="Exit codes: 0 done, 1 failed, 2 wrong use or settings, 5 the library cannot be "
        "read, 6 the disk is full or read-only, 130 interrupted.",
    )
    add = parser.add_argument
    add("--library", type=Path, metavar="DIR", help="clip library; an error if it cannot be read")
    add("--windowed", action="store_true", help="a window instead of the full screen")
    add("--size", type=_size, metavar="WxH", help="size of the window; implies --windowed")
    add("--for", dest="for_s", type=float, metavar="SECONDS", help="end after this time")
    add("--journal", type=Path, metavar="FILE", help="write what happens as JSON lines")
    add("--script", type=Path, metavar="FILE", help="JSON lines of events to play")
    add("--grab", type=Path, metavar="DIR", help="folder for screenshots")
    add("--grab-at", type=_times, default=(), metavar="S,S", help="take screenshots at these times")
    add("--record", type=Path, metavar="FILE", help="film the window (X11 only), MP4")
    add("--config", type=Path, metavar="FILE", help="settings instead of the user's frame.toml")
    add("--behaviours", type=Path, metavar="FILE", help="instead of behaviours.toml")
    add(
        *("--camera",),
        type=_camera,
        metavar="SOURCE",
        help="auto, off, a device, file:VIDEO or folder:PICTURES; for this run",
    )
    add("--camera-speed", type=_speed, default=1.0, metavar="X", help="of a file or a folder")
    add("--seed", type=int, help="make every choice the same in each run")
    add("-v", "--verbose", action="count", default=0, help="say more")
    add("-q", "--quiet", action="count", default=0, help="say less")
    add("--version", action="store_true", help="say which release this is")
    return parser
