"""The stages of a run, in order."""

from prerender.core.plan import StageType
from prerender.stages.animate import AnimateStage
from prerender.stages.colourise import ColouriseStage
from prerender.stages.depth import DepthStage
from prerender.stages.encode import EncodeStage
from prerender.stages.intake import IntakeStage
from prerender.stages.interpolate import InterpolateStage
from prerender.stages.judge import JudgeStage
from prerender.stages.matte import MatteStage
from prerender.stages.plate import PlateStage
from prerender.stages.rebuild import RebuildStage
from prerender.stages.restore import RestoreStage
from prerender.stages.upscale import UpscaleStage

STAGES: tuple[StageType, ...] = (
    IntakeStage,
    RestoreStage,
    ColouriseStage,
    UpscaleStage,
    RebuildStage,
    MatteStage,
    DepthStage,
    PlateStage,
    AnimateStage,
    InterpolateStage,
    EncodeStage,
    JudgeStage,
)
