"""The collage, with the built-in animator standing in for networks that paint a little too soft."""

from typing import Any

import cv2  # noqa: TID253  tests run in no Qt process
import numpy as np
import numpy.typing as npt
import pytest

from frame_app.base.arrays import ImageU8, MaskF32
from prerender.engines.liveportrait.collage import Collage
from prerender.engines.liveportrait.crop import still_crop
from prerender.engines.liveportrait.painter import Painted
from prerender.portrait.pose import Pose
from prerender.portrait.render import PortraitRenderer
from tests.fakes.sitter import ASTRONAUT, sitter

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")

SIDE, CELLS = 192, 24


class Stage:
    """A portrait, what a pose looks like, and what soft networks would paint of it."""

    def __init__(self) -> None:
        sat = sitter(ASTRONAUT)
        self.renderer = PortraitRenderer(sat.subject, sat.matte, sat.landmarks)
        x, y, width, height = self.renderer.box
        self.size = width, height
        self.crop = still_crop(sat.landmarks, SIDE).shifted(x, y)
        self.still = self.renderer.neutral()
        window: MaskF32 = np.zeros((height, width), np.float32)
        window[40:-40, 40:-40] = 1.0
        window = np.asarray(cv2.blur(window, (41, 41)), np.float32)
        rest = self.painted({})
        self.collage = Collage(self.still.colour, self.still.matte, self.crop, window, rest, cv2)

    def painted(self, pose: Pose) -> Painted:
        truth = self.renderer.render(pose).colour
        soft = cv2.GaussianBlur(self._square(truth), (0, 0), 0.8) * 0.97 + 3  # paler, too
        flow = np.zeros((CELLS, CELLS, 2), np.float32)
        back = self.renderer.rig.backward(pose)
        if back is not None:
            full = np.asarray(cv2.resize(back[0], self.size, interpolation=cv2.INTER_CUBIC))
            turn = self.crop.to_crop[:2, :2].T.astype(np.float32)
            flow[:] = cv2.resize(
                self._square(full) @ turn, (CELLS, CELLS), interpolation=cv2.INTER_AREA
            )
        return Painted(np.asarray(soft, np.float32), np.asarray(flow, np.float32))

    def bare(self, painted: Painted) -> ImageU8:
        """The painting laid over the photo as it is."""
        way, how = self.crop.to_picture[:2], cv2.INTER_CUBIC
        laid = cv2.warpAffine(painted.picture, way, self.size, flags=how)
        return np.clip(laid, 0, 255).astype(np.uint8)

    def _square(self, picture: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        border = cv2.BORDER_REPLICATE
        turned = cv2.warpAffine(picture, self.crop.to_crop[:2], (SIDE, SIDE), borderMode=border)
        return np.asarray(turned, np.float32)


@pytest.fixture(scope="module")
def stage() -> Stage:
    return Stage()


def test_at_rest_the_photo_itself_is_shown(stage):
    colour, matte = stage.collage.laid(stage.painted({}), None)
    assert (colour == stage.still.colour).all()
    assert (matte == stage.still.matte).all()


@pytest.mark.parametrize(
    "pose",
    [{"smile": 1.0, "cheek": 0.8}, {"yaw": 6.0}, {"blink_left": 1.0, "blink_right": 1.0}],
    ids=["smile", "turn", "blink"],
)
def test_what_the_photo_shows_stays_sharp_while_it_moves(stage, pose):
    painted = stage.painted(pose)
    truth = stage.renderer.render(pose).colour.astype(float)
    colour, _ = stage.collage.laid(painted, None)
    x, y = (slice(side // 4, -side // 4) for side in stage.size)
    ours, theirs = (
        float(np.abs(picture[y, x] - truth[y, x]).mean())
        for picture in (colour, stage.bare(painted))
    )
    assert ours < 0.5 * theirs


def test_what_the_photo_does_not_show_is_the_networks(stage):
    """Lids come down: no lash line or iris of the open eye may shine through."""
    pose = {"blink_left": 1.0, "blink_right": 1.0}
    painted = stage.painted(pose)
    colour, _ = stage.collage.laid(painted, None)
    opened = np.abs(stage.still.colour.astype(float) - stage.renderer.render(pose).colour).mean(
        axis=2
    )
    eyes = opened > 40
    assert eyes.sum() > 50
    bare = stage.bare(painted)
    assert np.abs(colour.astype(float) - bare)[eyes].mean() < 12
    assert np.abs(colour.astype(float) - stage.still.colour)[eyes].mean() > 35


def test_the_matte_goes_with_the_head(stage):
    pose = {"yaw": 8.0}
    _, matte = stage.collage.laid(stage.painted(pose), None)
    wanted = stage.renderer.render(pose).matte.astype(float)
    assert np.abs(matte - wanted).mean() < 0.6 * np.abs(stage.still.matte - wanted).mean()


def test_the_border_stays_whatever_is_painted(stage):
    noise = np.random.default_rng(1).uniform(0, 255, (SIDE, SIDE, 3)).astype(np.float32)
    flow = np.full((CELLS, CELLS, 2), 9.0, np.float32)
    colour, matte = stage.collage.laid(Painted(noise, flow), None)
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        assert (colour[edge] == stage.still.colour[edge]).all()
        assert (matte[edge] == stage.still.matte[edge]).all()
    assert (colour != stage.still.colour).any()
