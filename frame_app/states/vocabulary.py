"""What the frame can be doing, and what can happen to it."""

from enum import StrEnum


class FrameState(StrEnum):
    """What the frame is doing; exactly one at a time."""

    BOOTING = "booting"
    """Nothing has been shown yet."""
    ASLEEP = "asleep"
    """Quiet hours: the picture is dark."""
    IDLE = "idle"
    """Nobody is there; the portrait lives by itself."""
    ATTENTIVE = "attentive"
    """Somebody is there; the portrait looks at them."""
    REACTING = "reacting"
    """An answer to a gesture is playing."""
    SPEAKING = "speaking"
    """The portrait talks."""
    SETTINGS = "settings"
    """The settings panel is open; the portrait lives on behind it."""
    FALLBACK = "fallback"
    """There is no library to show; a shipped still is on screen."""


class FrameEvent(StrEnum):
    """What happened, in the past tense."""

    PORTRAIT_SHOWN = "portrait_shown"
    LIBRARY_LOST = "library_lost"
    VIEWER_SEEN = "viewer_seen"
    VIEWER_LEFT = "viewer_left"
    REACTION_STARTED = "reaction_started"
    REACTION_ENDED = "reaction_ended"
    SPEECH_STARTED = "speech_started"
    SPEECH_ENDED = "speech_ended"
    SETTINGS_OPENED = "settings_opened"
    SETTINGS_CLOSED = "settings_closed"
    QUIET_HOURS_BEGAN = "quiet_hours_began"
    QUIET_HOURS_ENDED = "quiet_hours_ended"
