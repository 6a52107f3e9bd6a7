"""What to look at in each picture, and what came of it; knows no camera, process or model library.

The landmark models are the cost: finding faces 7 ms, a face 5 ms, a hand 9 ms, no hand 17 ms, a
pose 21 ms of one busy core (measured on the machine of the README, pictures of 640 x 480). So a
picture in which nothing moved is looked at only now and then while nobody is there; hands are
looked for only where something moves beside the main viewer's face; the pose, which is needed for
a wave from afar, only where the hand model found nothing.
"""

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, PoseF32
from frame_app.config.model import PerceptionSettings
from frame_app.perception.gestures import palm_size, shape_scores
from frame_app.perception.hold import Holds
from frame_app.perception.landmarker import FaceSeen, HandSeen, Region
from frame_app.perception.messages import (
    Gesture,
    GestureMade,
    Observation,
    Place,
    Report,
    ViewersChanged,
)
from frame_app.perception.motion import HandSpot, Nod, Swipe, Wave
from frame_app.perception.movement import Movement
from frame_app.perception.people import People, Person
from frame_app.perception.viewer import (
    EyesSeen,
    Lens,
    OneEuro,
    Smile,
    eyes_of,
    head_angles,
    mouth_curve,
)

_UNIT = 0.18 / 0.063  # eye distances in 18 cm: the height of a face, the length of a hand
_RAISED = 3.2  # units below the eyes: the waist; hands that hang or lie are lower
_ABOVE, _BELOW, _ASIDE = 2.4, 4.0, 3.2  # units around the eyes in which hands gesture
_FACE_SIDE = 6.0  # eye distances: side of the region of a face
_SHAPE_PALM_PX = 14.0  # smaller hands have no shape
_STILL, _MOVING = 1.0, 2.4  # units a second: a hand is shown up to here, is on its way from here
_STANDS, _WALKS = 1.0, 2.2  # units a second: so does a person
_ARRIVED_S = 0.6  # whoever was seen for less is still arriving
_LEAP = 2.5  # units between two looks: another hand
_FAR_EYES_PX = 13.0  # eyes closer than this: where the hand model finds nothing, the pose may
_TINY_EYES_PX = 7.0  # eyes closer than this: hands are too small for the hand model
_FIND_EVERY = 3  # looks, while somebody is there: who else came?
_POSE_EVERY_S = 0.1
_HAND_REST_EVERY_S = 0.5  # looks for a hand although nothing moves
_SCAN_REST_S = 1.0  # looks around although nothing moves
_HASTE_HZ = 30.0  # while a gesture is begun
_ARMS = ((15, 13), (16, 14))  # wrist and elbow, left and right
_VISIBLE = 0.5
_SPEED_S = 0.2  # over which the speed of a person is taken
_WAVE_REST_S = 2.5  # without swings, before a wave counts as another one


class Sight(Protocol):
    """What the landmark models answer; see `landmarker.Landmarker`."""

    def find_faces(self, picture: ImageU8, region: Region) -> list[EyesSeen]:
        """Faces in a region."""

    def face(self, picture: ImageU8, region: Region) -> FaceSeen | None:
        """The mesh of one face."""

    def hand(self, picture: ImageU8, region: Region) -> HandSeen | None:
        """One hand."""

    def pose(self, picture: ImageU8, region: Region) -> PoseF32 | None:
        """One body."""


class Watch:
    """Turns pictures into reports; everything it remembers is landmarks and numbers."""

    def __init__(self, sight: Sight, settings: PerceptionSettings) -> None:
        self._sight = sight
        self._settings = settings
        self._people = People()
        self._movement = Movement()
        self._views = 0
        self._scanned_s = -1e9
        self._last_count = 0
        self._attention: _Attention | None = None

    @property
    def rate_hz(self) -> float:
        """How often to look from now on."""
        if self._attention is not None and self._attention.holds.is_expecting:
            return max(_HASTE_HZ, self._settings.rate_hz)
        if self._people.main is not None or self._people.others:
            return self._settings.rate_hz
        return self._settings.idle_rate_hz

    def forget(self) -> list[Report]:
        """The camera is closed, or what it shows is no picture: nobody is there."""
        self._people.clear()
        self._attention = None
        return self._changes(0)

    def look(self, picture: ImageU8, time_s: float) -> list[Report]:
        """Look at one picture; pictures come in the order of their times."""
        height, width = picture.shape[:2]
        self._movement.take(picture, time_s)
        self._look_around(picture, time_s)
        face = self._look_at_main(picture, time_s)
        self._people.settle(time_s)
        main = self._people.main
        reports = self._changes(self._people.count)
        if main is None:
            self._attention = None
            return [*reports, Observation(time_s, self._people.count)]
        if self._attention is None or self._attention.number != main.number:
            self._attention = _Attention(main.number, self._settings, time_s)
        attention = self._attention
        calm = attention.take_step(main.eyes, time_s)
        scores: dict[Gesture, float] = {}
        made: list[Gesture] = []
        if face is not None:
            attention.take_face(face, time_s, scores, made)
        self._look_at_hands(picture, main, time_s, scores, made)
        if calm < 1.0:  # somebody on their way says nothing to the frame
            scores = {gesture: score * calm for gesture, score in scores.items()}
            made.clear()
        made += attention.holds.take(scores, time_s)
        eye = attention.place(Lens(width, height, self._settings), main, time_s)
        reports.append(Observation(time_s, self._people.count, main.number, eye, scores))
        return reports + [GestureMade(gesture, time_s) for gesture in made]

    def _changes(self, count: int) -> list[Report]:
        if count == self._last_count:
            return []
        self._last_count = count
        return [ViewersChanged(count)]

    def _look_around(self, picture: ImageU8, time_s: float) -> None:
        """Find who came: look at all of the picture while nobody is there, else at a part."""
        height, width = picture.shape[:2]
        views = _views(width, height)
        self._views += 1
        if self._people.main is None and self._people.others:
            views = [_face_region(other.eyes, 10.0) for other in self._people.others]
        elif self._people.main is None:
            has_news = self._movement.is_lately(time_s, 0.6)
            if not has_news and time_s - self._scanned_s < _SCAN_REST_S:
                return
            self._scanned_s = time_s
            mover = self._movement.top_region(width, height)
            part = views[1 + self._views % (len(views) - 1)]
            views = [views[0], mover if mover is not None else part]
        elif self._views % _FIND_EVERY:
            return
        elif self._views % (2 * _FIND_EVERY) and self._people.others:
            other = self._people.others[0]
            other.looked_s = time_s
            views = [_face_region(other.eyes, 10.0)]
        else:
            views = [views[self._views // _FIND_EVERY % len(views)]]
        for view in views:
            for eyes in self._sight.find_faces(picture, view):
                self._people.see(eyes, time_s)

    def _look_at_main(self, picture: ImageU8, time_s: float) -> FaceSeen | None:
        main, attention = self._people.main, self._attention
        if main is None or attention is None or attention.number != main.number:
            return None
        region = attention.face_region(main.eyes)
        face = self._sight.face(picture, region)
        if face is not None:
            eyes = eyes_of(face.mesh)
            if _is_in(eyes, region) and eyes.apart_px > 2.0:
                self._people.see(eyes, time_s, is_exact=True)
                return face
        for eyes in self._sight.find_faces(picture, _face_region(main.eyes, 9.0)):
            self._people.see(eyes, time_s)
        return None

    def _look_at_hands(
        self,
        picture: ImageU8,
        main: Person,
        time_s: float,
        scores: dict[Gesture, float],
        made: list[Gesture],
    ) -> None:
        attention = self._attention
        if attention is None:
            return
        region = attention.hand_region(main.eyes)
        face = _face_region(main.eyes, 4.5)
        is_moving = self._movement.is_beside(region, face, time_s, 0.5)
        is_due = time_s - attention.hand_s >= _HAND_REST_EVERY_S
        is_far = main.eyes.apart_px < _FAR_EYES_PX
        is_tiny = main.eyes.apart_px < _TINY_EYES_PX
        seen = None
        if not is_tiny and (attention.has_hand or is_due or is_moving):
            attention.hand_s = time_s
            seen = self._sight.hand(picture, region)
        attention.has_hand = seen is not None
        if seen is not None:
            spot = attention.take_shape(seen, main.eyes, time_s, scores)
            attention.take_motion(spot, time_s, scores, made)
        else:
            attention.take_motion(None, time_s, scores, made)
        if is_far and is_moving and time_s - attention.pose_s >= _POSE_EVERY_S:
            attention.pose_s = time_s
            pose = self._sight.pose(picture, region)
            if pose is not None:
                attention.take_forearms(_forearms(pose, main.eyes), time_s, scores, made)


class _Attention:
    """What is remembered about the main viewer; changed by `Watch` only."""

    def __init__(self, number: int, settings: PerceptionSettings, time_s: float) -> None:
        self.number = number
        self._since_s = time_s
        self._step: tuple[float, EyesSeen] | None = None
        self._speed = 0.0
        self.holds = Holds(settings.hold_factor)
        self.has_hand = False
        self.hand_s = self.pose_s = -1e9
        self._smile = Smile()
        self._nod = Nod()
        self._wave, self._forearms = Wave(), (Wave(), Wave())
        self._swipe = Swipe()
        self._filter = OneEuro(rest_hz=1.0, beta=2.5)
        self._body = _Resting(_body_region, 0.8 * _UNIT)
        self._face = _Resting(lambda eyes: _face_region(eyes, _FACE_SIDE), 0.5)
        self._spot: tuple[float, HandSpot] | None = None
        self._waved_s = -1e9

    def take_face(
        self, face: FaceSeen, time_s: float, scores: dict[Gesture, float], made: list[Gesture]
    ) -> None:
        """Smile and nod."""
        own = self._smile.take(time_s, mouth_curve(face.mesh))
        scores[Gesture.SMILE] = own if face.smile is None else face.smile
        nod = self._nod.take(time_s, *head_angles(face.mesh))
        scores[Gesture.NOD] = nod
        if nod >= 1.0:
            made.append(Gesture.NOD)

    def take_step(self, eyes: EyesSeen, time_s: float) -> float:
        """How much this person stands before the frame, 0..1, rather than passing or arriving."""
        if self._step is not None and time_s > self._step[0]:
            then_s, then = self._step
            unit = _UNIT * eyes.apart_px
            way = math.hypot(eyes.x_px - then.x_px, eyes.y_px - then.y_px) / unit
            share = min(1.0, (time_s - then_s) / _SPEED_S)
            self._speed += (way / (time_s - then_s) - self._speed) * share
        self._step = time_s, eyes
        if time_s - self._since_s < _ARRIVED_S:
            return 0.0
        return min(1.0, max(0.0, (_WALKS - self._speed) / (_WALKS - _STANDS)))

    def hand_region(self, eyes: EyesSeen) -> Region:
        """Around the upper body."""
        return self._body.around(eyes)

    def face_region(self, eyes: EyesSeen) -> Region:
        """Around the head."""
        return self._face.around(eyes)

    def take_shape(
        self, seen: HandSeen, eyes: EyesSeen, time_s: float, scores: dict[Gesture, float]
    ) -> HandSpot:
        """Score the shape of a hand that is raised and held still."""
        spot = _spot(seen.points[[0, 5, 17], :2].mean(axis=0), eyes)
        speed = 0.0
        if self._spot is not None and time_s > self._spot[0]:
            then_s, then = self._spot
            speed = math.hypot(spot.x - then.x, spot.y - then.y) / (time_s - then_s)
        if not spot.is_raised or palm_size(seen.points) < _SHAPE_PALM_PX:
            return spot
        calm = min(1.0, max(0.0, (_MOVING - speed) / (_MOVING - _STILL)))
        if seen.shape is not None:
            gesture, score = seen.shape
            scores[gesture] = score * calm
        else:
            for gesture, score in shape_scores(seen.points).items():
                scores[gesture] = score * calm
        return spot

    def take_motion(
        self,
        spot: HandSpot | None,
        time_s: float,
        scores: dict[Gesture, float],
        made: list[Gesture],
    ) -> None:
        """Wave and swipes."""
        if spot is not None and self._spot is not None and time_s - self._spot[0] < 0.3:
            then = self._spot[1]
            if math.hypot(spot.x - then.x, spot.y - then.y) > _LEAP:
                self._wave.clear()
                self._swipe.clear()
        way = self._swipe.take(time_s, spot)
        if spot is not None:
            self._spot = time_s, spot
            if self._has_waved(self._wave, spot, time_s, scores, made):
                self._swipe.clear()
                return
        if way and time_s - self._waved_s > 1.5:
            # The picture's right is the left of the person in it.
            made.append(Gesture.SWIPE_LEFT if way > 0 else Gesture.SWIPE_RIGHT)

    def take_forearms(
        self,
        spots: tuple[HandSpot | None, HandSpot | None],
        time_s: float,
        scores: dict[Gesture, float],
        made: list[Gesture],
    ) -> None:
        """Wave of a hand that is too small or too quick for the hand model."""
        for wave, spot in zip(self._forearms, spots, strict=True):
            if spot is None:
                wave.clear()
            else:
                self._has_waved(wave, spot, time_s, scores, made)

    def _has_waved(
        self,
        wave: Wave,
        spot: HandSpot,
        time_s: float,
        scores: dict[Gesture, float],
        made: list[Gesture],
    ) -> bool:
        score = wave.take(time_s, spot)
        scores[Gesture.WAVE] = max(score, scores.get(Gesture.WAVE, 0.0))
        if score < 1.0:
            return False
        wave.clear()
        if time_s - self._waved_s > _WAVE_REST_S:
            made.append(Gesture.WAVE)
        self._waved_s = time_s
        return True

    def place(self, lens: Lens, main: Person, time_s: float) -> Place:
        """The filtered eye of the main viewer."""
        raw = np.array(lens.place(main.eyes), np.float64)
        x, y, z = self._filter.take(time_s, raw)
        return Place(float(x), float(y), float(z))


class _Resting:
    """A region that rests while the head moves little: tracking inside of it wants it so."""

    def __init__(self, region: Callable[[EyesSeen], Region], slack: float) -> None:
        """With `slack` eye distances of way before it follows."""
        self._make = region
        self._slack = slack
        self._kept: tuple[Region, EyesSeen] | None = None

    def around(self, eyes: EyesSeen) -> Region:
        """The region for these eyes."""
        if self._kept is not None:
            region, then = self._kept
            way = math.hypot(eyes.x_px - then.x_px, eyes.y_px - then.y_px)
            is_near = way <= self._slack * then.apart_px
            if is_near and 0.8 < eyes.apart_px / then.apart_px < 1.25:
                return region
        region = self._make(eyes)
        self._kept = region, eyes
        return region


def _body_region(eyes: EyesSeen) -> Region:
    unit = _UNIT * eyes.apart_px
    side = max(2.0 * _ASIDE, _ABOVE + _BELOW) * unit
    return Region(eyes.x_px - side / 2.0, eyes.y_px - _ABOVE * unit, side)


def _views(width: int, height: int) -> list[Region]:
    """All of the picture, then overlapping halves: a face at 2.5 m is too small for the whole."""
    side = max(width, height) / 2.0
    xs = np.linspace(0.0, width - side, 3) if width > side else [0.0]
    ys = np.linspace(0.0, height - side, 3 if height > 1.5 * side else 2)
    return [
        Region(0.0, 0.0, float(max(width, height))),
        *(Region(float(x), float(y), side) for y in ys for x in xs),
    ]


def _face_region(eyes: EyesSeen, side: float) -> Region:
    length = side * eyes.apart_px
    below = 0.45 * eyes.apart_px  # a face reaches farther down from the eyes than up
    return Region(eyes.x_px - length / 2.0, eyes.y_px - length / 2.0 + below, length)


def _is_in(eyes: EyesSeen, region: Region) -> bool:
    return 0.0 < eyes.x_px - region.x < region.side and 0.0 < eyes.y_px - region.y < region.side


def _spot(at: npt.NDArray[np.float32], eyes: EyesSeen) -> HandSpot:
    """A point relative to the body."""
    unit = _UNIT * eyes.apart_px
    x, y = float(at[0] - eyes.x_px) / unit, float(at[1] - eyes.y_px) / unit
    return HandSpot(x, y, is_raised=y < _RAISED)


def _forearms(pose: PoseF32, eyes: EyesSeen) -> tuple[HandSpot | None, HandSpot | None]:
    """The wrists of forearms that point up, the person's left one first."""

    def wrist_of(wrist: int, elbow: int) -> HandSpot | None:
        is_seen = pose[wrist, 2] > _VISIBLE and pose[elbow, 2] > _VISIBLE
        is_up = pose[wrist, 1] < pose[elbow, 1]
        return _spot(pose[wrist, :2], eyes) if is_seen and is_up else None

    left, right = (wrist_of(*arm) for arm in _ARMS)
    return left, right
