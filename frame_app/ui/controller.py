"""From what happens to what is played: states, behaviours, portraits in rotation.

Has no rules of its own: the table is in `states.machine`, the answers in `behaviours.toml`, the
order in `show.playlist`. Lives on the UI thread.
"""

import logging
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from frame_app.base.hooks import Hook
from frame_app.cliplib.schema import Clip, IndexEntry
from frame_app.config.arrangement import Arrangement
from frame_app.config.behaviours import Happening
from frame_app.config.live import LiveSettings
from frame_app.show.clock import Clock, SystemWallClock, WallClock
from frame_app.show.daylight import part_of_day
from frame_app.show.journal import Journal
from frame_app.show.performer import Performer
from frame_app.show.playlist import next_position, scheduled
from frame_app.show.portrait import Portrait
from frame_app.show.shelf import (
    LibraryMissing,
    LibraryOpened,
    News,
    PortraitFailed,
    PortraitReady,
    Shelf,
)
from frame_app.show.window import EyePosition
from frame_app.states.machine import FrameMachine
from frame_app.states.reactions import Reactions
from frame_app.states.vocabulary import FrameEvent, FrameState
from frame_app.ui import notices
from frame_app.ui.conduct import Act, Conduct, World
from frame_app.ui.player import Player

log = logging.getLogger(__name__)

_NOTICE_S = 8.0
_PART_S = 2.0  # between two looks at the part of the day
_PATIENCE_S = 6.0  # an answer that had to wait longer is no answer any more
_INTERRUPTS_SPEECH = 7  # priority from which on an act does
_ASLEEP = "asleep"  # the pose in which the portrait spends its quiet hours
_AWAKE = {FrameState.IDLE, FrameState.ATTENTIVE, FrameState.REACTING, FrameState.SPEAKING}
_BUSY = {FrameState.REACTING, FrameState.SPEAKING}
_MOVED_EVERY_S = 1.0  # viewer moves in the journal, at most


@dataclass(frozen=True, slots=True)
class Parts:
    """What a controller joins."""

    player: Player
    shelf: Shelf
    reactions: Reactions
    settings: LiveSettings
    clock: Clock
    journal: Journal
    rng: random.Random
    arrangement: Arrangement
    wall: WallClock = field(default_factory=SystemWallClock)


class FrameController:
    """Runs the frame's behaviour."""

    def __init__(self, parts: Parts) -> None:
        self.notice_changed = Hook[[str]]()
        """What to tell the people before the frame; empty for nothing."""
        self.play_changed = Hook[[]]()
        """Another portrait hangs, or the play was paused or resumed."""
        self._parts = parts
        self._machine = FrameMachine(self._entered)
        self.portraits: tuple[IndexEntry, ...] = ()
        """All portraits of the library; not all of them hang."""
        self.portraits_changed = Hook[[]]()
        """The library has others, or another one hangs."""
        self._entries: tuple[IndexEntry, ...] = ()
        self._position = 0
        self._upcoming = 0
        """Position of the portrait whose turn it will be; it is made ready ahead of time."""
        self._wished: IndexEntry | None = None
        self._shown: IndexEntry | None = None
        self._failures = 0
        self._act: Act | None = None
        self._waiting: Act | None = None
        self._is_paused = False
        self._part = self._part_of_day()
        self._part_until_s = -math.inf
        self._schedule = parts.settings.now.schedule
        self._viewers = 0
        self._decided_s = 0.0
        self._shown_since_s = 0.0
        self._notice_until_s: float | None = None
        self._moved_s = -_MOVED_EVERY_S
        parts.arrangement.changed.add(self._arrange)
        player = parts.player
        world = World(
            parts.reactions,
            parts.settings,
            parts.clock,
            parts.wall,
            parts.journal,
            parts.rng,
            self._repertoire,
        )
        self._conduct = Conduct(world, self._begin, self.turn)
        player.beat.add(self._on_beat)
        player.finished.add(self._on_finished)
        player.broke.add(self._on_broke)

    @property
    def state(self) -> FrameState:
        """What the frame is doing."""
        return self._machine.state

    @property
    def is_paused(self) -> bool:
        """Somebody stopped the play; the portrait rests."""
        return self._is_paused

    def gesture_made(self, gesture: str) -> None:
        """Somebody made a gesture, or pressed its key."""
        self._conduct.happened(gesture)

    def say(self, clips: Sequence[str]) -> bool:
        """Speak: play clips by name, one after the other; more may follow before they end.

        Returns False where nothing can be said now, or the portrait has none of the clips.
        """
        portrait = self._parts.player.portrait
        known = {} if portrait is None else {clip.name: clip for clip in portrait.usable}
        spoken = [known[name] for name in clips if name in known]
        may_speak = self.state in _AWAKE and not self._is_paused
        performer = self._parts.player.performer
        if performer is None or not spoken or not may_speak:
            return False
        self._decided_s = self._parts.clock.now_s()
        self._conduct.played()
        performer.speak(spoken, self._decided_s)
        self._machine.post(FrameEvent.SPEECH_STARTED)
        return True

    def pause(self, *, on: bool) -> None:
        """Stop the play, or go on: paused, the portrait rests on its breathing still."""
        if on is self._is_paused:
            return
        self._is_paused = on
        self._waiting = None
        self._decided_s = self._parts.clock.now_s()
        self._parts.journal.write("event", event="paused" if on else "resumed")
        if self.state in _BUSY:
            self._end_act()
        else:
            self._live(self.state)
        self.play_changed.fire()

    def viewer_moved(self, eye: EyePosition) -> None:
        """Somebody is there, at this place."""
        self._parts.player.see(eye)
        now_s = self._parts.clock.now_s()
        if now_s - self._moved_s >= _MOVED_EVERY_S:
            self._moved_s = now_s
            self._parts.journal.write("event", event="viewer_moved", x=eye.x, y=eye.y, z=eye.z)
        if not self._machine.has_viewer:
            self.viewer_seen()

    def viewer_seen(self) -> None:
        """Somebody came."""
        self._post(FrameEvent.VIEWER_SEEN)
        self._conduct.company(max(1, self._viewers))

    def viewers_counted(self, count: int) -> None:
        """So many people are there."""
        self._viewers = count
        if self._machine.has_viewer:
            self._conduct.company(max(1, count))

    def viewer_left(self) -> None:
        """Nobody is there any more."""
        if self._machine.has_viewer:
            self._parts.player.see(None)
            self._post(FrameEvent.VIEWER_LEFT)
            self._conduct.company(0)

    def quiet_hours(self, *, begin: bool) -> None:
        """The time to sleep began or ended."""
        began, ended = FrameEvent.QUIET_HOURS_BEGAN, FrameEvent.QUIET_HOURS_ENDED
        self._post(began if begin else ended)

    def turn(self, step: int) -> None:
        """Show the next or, with -1, the previous portrait."""
        self._parts.journal.write("event", event="next" if step > 0 else "previous")
        if len(self._entries) > 1:
            self._wish((self._position + step) % len(self._entries))

    def settings(self, *, opened: bool) -> None:
        """The settings panel was opened or closed; nothing changes by itself while it is open."""
        self._post(FrameEvent.SETTINGS_OPENED if opened else FrameEvent.SETTINGS_CLOSED)

    @property
    def shown(self) -> IndexEntry | None:
        """The portrait that hangs, or is on its way in."""
        return self._shown

    def show(self, portrait: str) -> None:
        """Bring a portrait of the library to the wall, even one that is off."""
        entry = next((entry for entry in self.portraits if entry.id == portrait), None)
        if entry is not None and entry != self._shown:
            self._wish_for(entry)

    def preview(self, clip: str) -> None:
        """Play one clip of the portrait on the wall, by name; the panel's, whatever the state."""
        performer = self._parts.player.performer
        portrait = self._parts.player.portrait
        if performer is None or portrait is None:
            return
        now_s = self._parts.clock.now_s()
        for candidate in portrait.reactions:
            if candidate.name == clip:
                performer.react((candidate,), now_s)
                return
        performer.idle(now_s, fresh=True)

    def notify(self, text: str, detail: str = "") -> None:
        """Tell the people before the frame, for a while; `detail` is for whoever mends it."""
        log.info("notice: %s", detail or text)
        self._parts.journal.write("notice", text=detail or text)
        self._notice_until_s = self._parts.clock.now_s() + _NOTICE_S
        self.notice_changed.fire(text)

    def _post(self, event: FrameEvent) -> None:
        self._decided_s = self._parts.clock.now_s()
        self._parts.journal.write("event", event=event.value)
        self._machine.post(event)

    def _on_beat(self, now_s: float) -> None:
        # A portrait on its way in arrives before anything else happens to the wall.
        self._parts.shelf.hold(still=self._parts.player.is_dissolving)
        while not self._parts.player.is_dissolving and (news := self._parts.shelf.take_news()):
            self._hear(news)
        if self._notice_until_s is not None and now_s >= self._notice_until_s:
            self._notice_until_s = None
            self.notice_changed.fire("")
        self._follow_the_day(now_s)
        self._feel()
        if self.state in _AWAKE and not self._is_paused:
            self._conduct.tick(now_s)
        if self.state is FrameState.ATTENTIVE and not self._is_paused:
            self._attend()
        if self._parts.player.is_dark:  # whoever wakes the frame sees its portrait long enough
            self._shown_since_s = now_s
        interval_s = self._parts.settings.now.library.interval_s
        is_time = interval_s > 0.0 and now_s - self._shown_since_s >= interval_s
        if (
            is_time
            and self.state is FrameState.IDLE
            and not self._is_paused
            and len(self._entries) > 1
        ):
            self._shown_since_s = now_s
            self._wish(self._upcoming % len(self._entries))

    def _hear(self, news: News) -> None:
        match news:
            case LibraryOpened():
                self._take_up(news)
            case PortraitReady():
                self._hang(news.entry, news.portrait)
            case PortraitFailed():
                self._skip(news)
            case LibraryMissing():
                self.notify(notices.no_portraits(), news.problem)
                self._fall_back(news.fallback)

    def _take_up(self, news: LibraryOpened) -> None:
        """A generation was read: go on with the portrait on screen if it is in there."""
        self._parts.journal.write(
            "event", event="library_opened", generation=news.generation, portraits=len(news.entries)
        )
        if news.problem and not self.portraits:  # later on the log is enough: the wall plays
            self.notify(notices.library_damaged(), news.problem)
        self.portraits = news.entries
        self._failures = 0
        self._arrange()

    def _arrange(self) -> None:
        """Hang what the frame's arrangement says, staying with the portrait on screen if it may."""
        self._entries = self._hung_now()
        self.portraits_changed.fire()
        ids = [entry.id for entry in self._entries]
        if self._shown in self._entries:
            self._position = self._entries.index(self._shown)
            return
        if not self._entries:
            return  # the last portrait was taken away: it stays until there is another
        same = ids.index(self._shown.id) if self._shown and self._shown.id in ids else None
        self._wish(min(self._position, len(ids) - 1) if same is None else same)

    def _wish(self, position: int) -> None:
        self._position = position
        self._wish_for(self._entries[position])

    def _wish_for(self, entry: IndexEntry) -> None:
        self._wished = entry
        self._parts.shelf.wish(self._wished, self._parts.player.panel)

    def _hang(self, entry: IndexEntry, portrait: Portrait) -> None:
        if entry != self._wished:  # somebody asked for yet another one meanwhile
            portrait.close()
            return
        self._failures = 0
        self._shown = entry
        now_s = self._parts.clock.now_s()
        self._shown_since_s = now_s
        self._decided_s = now_s
        player = self._parts.player
        player.hang(portrait)
        self._parts.shelf.hung(frozenset({entry.folder}))
        self._parts.journal.write(
            "event", event="portrait_hung", portrait=entry.id, clips=len(portrait.manifest.clips)
        )
        self.portraits_changed.fire()
        self._prepare()
        for problem in portrait.broken.values():
            self._parts.journal.write("notice", text=problem)
        if not portrait.idle:
            title = self._parts.arrangement.title(entry)
            self.notify(notices.nothing_plays(title), f"{entry.title} has no clip that plays")
        if self.state in {FrameState.BOOTING, FrameState.FALLBACK}:
            self._machine.post(FrameEvent.PORTRAIT_SHOWN)
        elif self.state in _BUSY:
            self._end_act()
        else:
            self._live(self.state)
        self._conduct.happened(Happening.PORTRAIT_SHOWN)
        self.play_changed.fire()

    def _prepare(self) -> None:
        """Have the portraits ready that will come next: by time, or by a swipe to either side."""
        count = len(self._entries)
        if count < 2:
            return
        shuffle = self._parts.settings.now.library.shuffle
        self._upcoming = next_position(count, self._position, self._parts.rng, shuffle=shuffle)
        near = dict.fromkeys(
            (self._upcoming, (self._position + 1) % count, (self._position - 1) % count)
        )
        entries = tuple(self._entries[place] for place in near if place != self._position)
        self._parts.shelf.prepare(entries, self._parts.player.panel)

    def _skip(self, news: PortraitFailed) -> None:
        self._parts.journal.write("notice", text=news.problem)
        if news.entry != self._wished:
            return
        self._failures += 1
        if self._failures < len(self._entries):
            self._wish((self._position + 1) % len(self._entries))
        else:
            self.notify(notices.nothing_shows(), news.problem)
            self._parts.shelf.give_up(news.problem)

    def _fall_back(self, fallback: Portrait | None) -> None:
        if fallback is not None:
            self._shown = None
            self._parts.player.hang(fallback)
        self._machine.post(FrameEvent.LIBRARY_LOST)

    def _repertoire(self) -> tuple[str, Sequence[Clip]]:
        portrait = self._parts.player.portrait
        if portrait is None:
            return "", ()
        return portrait.manifest.id, portrait.reactions

    def _begin(self, act: Act) -> str:
        """Play an act now or later; why not, or nothing."""
        if self.state not in _AWAKE:
            return f"not while {self.state}"
        if self._is_paused:
            return "paused"
        if self.state in _BUSY and not act.is_asked:
            return "busy"
        playing = self._act.priority if self._act is not None else 0
        needed = _INTERRUPTS_SPEECH if self.state is FrameState.SPEAKING else playing
        if self.state in _BUSY and act.priority < needed:
            self._waiting = act
            return ""
        self._act, self._decided_s = act, act.decided_s
        self._machine.post(FrameEvent.REACTION_STARTED)
        return ""

    def _entered(self, old: FrameState, new: FrameState, event: FrameEvent) -> None:
        self._parts.journal.write("state", old=old.value, new=new.value, event=event.value)
        self._parts.player.sleep(asleep=new is FrameState.ASLEEP, at_once=old is FrameState.BOOTING)
        performer = self._parts.player.performer
        if new is FrameState.REACTING and self._act is not None and performer is not None:
            performer.react(self._act.clips, self._decided_s)
        elif new is not FrameState.SPEAKING:
            self._live(new)

    def _live(self, state: FrameState) -> None:
        """Play what a portrait does in a state by itself."""
        performer = self._parts.player.performer
        if performer is None:
            return
        if state is FrameState.ASLEEP:
            if performer.pose != _ASLEEP and performer.sleep(_ASLEEP, self._decided_s):
                return
            if performer.pose == _ASLEEP:
                return
        elif self._is_paused:
            if performer.aim != "still" or performer.is_finished:
                performer.hold(self._decided_s)
            return
        elif state is FrameState.ATTENTIVE and self._attend():
            return
        self._idle(performer)

    def _idle(self, performer: Performer) -> None:
        is_idling = performer.aim == "idle" and not performer.is_finished
        if not is_idling and not performer.idle(self._decided_s, fresh=True):
            performer.rest()

    def _attend(self) -> bool:
        """Look at the viewer by the gaze sheet, as soon as the portrait has one ready."""
        performer = self._parts.player.performer
        if performer is None:
            return False
        if self._conduct.looks_away:
            if performer.aim == "gaze":
                self._decided_s = self._parts.clock.now_s()
                self._idle(performer)
            return False
        return performer.aim == "gaze" or performer.look(self._decided_s)

    def _follow_the_day(self, now_s: float) -> None:
        """Morning, evening and night may have portraits of their own."""
        if now_s < self._part_until_s:
            return
        self._part_until_s = now_s + _PART_S
        part, schedule = self._part_of_day(), self._parts.settings.now.schedule
        if (part, schedule) != (self._part, self._schedule):
            self._part, self._schedule = part, schedule
            if self.portraits and self._hung_now() != self._entries:
                self._arrange()

    def _hung_now(self) -> tuple[IndexEntry, ...]:
        """The portraits of this part of the day."""
        wanted = getattr(self._parts.settings.now.schedule, self._part)
        return scheduled(self._parts.arrangement.hung(self.portraits), wanted)

    def _part_of_day(self) -> str:
        wall = self._parts.wall.now()
        return part_of_day(self._parts.settings.now.light, wall.hour * 60.0 + wall.minute)

    def _feel(self) -> None:
        performer = self._parts.player.performer
        if performer is not None:
            mood, strength = self._conduct.feeling
            performer.feel(mood.value, strength)

    def _on_finished(self) -> None:
        self._decided_s = self._parts.clock.now_s()
        if self.state in _BUSY:
            self._end_act()
        else:
            self._live(self.state)

    def _end_act(self) -> None:
        """What played is over: what waited for it plays, unless it waited for too long."""
        waiting, self._waiting, self._act = self._waiting, None, None
        now_s = self._parts.clock.now_s()
        is_fresh = waiting is not None and now_s - waiting.decided_s <= _PATIENCE_S
        if waiting is not None and is_fresh and not self._is_paused:
            self._act, self._decided_s = waiting, now_s
            self._machine.post(FrameEvent.REACTION_STARTED)
            return
        is_speech = self.state is FrameState.SPEAKING
        self._machine.post(FrameEvent.SPEECH_ENDED if is_speech else FrameEvent.REACTION_ENDED)

    def _on_broke(self, problem: str) -> None:
        self._parts.journal.write("notice", text=problem)
        log.warning("a clip is left out: %s", problem)
