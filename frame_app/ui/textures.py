"""Pictures into textures: bytes from the decoders go to the GPU as they are.

Each texture is a plain QRhiTexture (R8, RG8, R16 or RGBA8) wrapped once by Qt; afterwards only its
contents change, by an upload into the command buffer of the frame that is about to be drawn. Qt's
own ways from Python convert every frame to RGBA. Rendering runs on the UI thread (`basic` loop):
with the threaded one, `grabWindow` and any other call that waits for the render thread while it
holds the interpreter's lock never returns (measured with PySide6 6.12).
"""

import enum
import time
from typing import NamedTuple

from PySide6.QtCore import QObject, QPoint, QSize, Qt
from PySide6.QtGui import (
    QRhi,
    QRhiTexture,
    QRhiTextureSubresourceUploadDescription,
    QRhiTextureUploadDescription,
    QRhiTextureUploadEntry,
)
from PySide6.QtQuick import QQuickItem, QQuickWindow, QSGTexture, QSGTextureProvider


class TexelFormat(enum.Enum):
    """What the bytes of a texture are."""

    RGBA8 = QRhiTexture.Format.RGBA8
    R8 = QRhiTexture.Format.R8
    RG8 = QRhiTexture.Format.RG8
    R16 = QRhiTexture.Format.R16


class Texels(NamedTuple):
    """A picture as a texture wants it, rows without padding, top row first."""

    format: TexelFormat
    width: int
    height: int
    data: bytes


class _Provider(QSGTextureProvider):
    """Hands the current texture to the shader."""

    def __init__(self) -> None:
        super().__init__()
        self.current: QSGTexture | None = None

    def texture(self) -> QSGTexture:
        return self.current  # type: ignore[return-value] # Qt takes none for "not yet"


class TextureItem(QQuickItem):
    """A texture as an item, which is what a shader's sampler property takes. UI thread."""

    def __init__(self, parent: QQuickItem) -> None:
        super().__init__(parent)
        self.setVisible(False)
        self._provider = _Provider()
        self._texture: QRhiTexture | None = None
        self._shape: tuple[TexelFormat, QSize] | None = None
        self._pending: dict[int, Texels] = {}

    def isTextureProvider(self) -> bool:
        """Qt asks before it takes the item for a sampler."""
        return True

    def textureProvider(self) -> QSGTextureProvider:
        """What the shader reads from."""
        return self._provider

    def put(self, texels: Texels) -> None:
        """Show these from the next picture on; costs nothing until then."""
        self.reserve(texels.format, texels.width, texels.height)
        self._pending = {0: texels}

    def reserve(self, texel_format: TexelFormat, width: int, height: int) -> None:
        """Have room for parts of a picture; what was there is forgotten."""
        self._shape = (texel_format, QSize(width, height))
        self._pending.clear()

    def put_part(self, texels: Texels, place: int) -> None:
        """Replace one of several pictures that lie side by side, all of this size."""
        self._pending[place] = texels

    def allocate(self, window: QQuickWindow, rhi: QRhi) -> None:
        """Make the texture if what waits has another shape than what is there."""
        if self._shape is None or not self._pending:
            return
        texel_format, size = self._shape
        if texel_format is TexelFormat.R16 and not rhi.isTextureFormatSupported(
            QRhiTexture.Format.R16
        ):
            texel_format = TexelFormat.R8
            self._pending = {place: _high_bytes(part) for place, part in self._pending.items()}
        old = self._texture
        if old is not None and old.pixelSize() == size and old.format() == texel_format.value:
            return
        self.release()
        self._texture = rhi.newTexture(texel_format.value, size)
        self._texture.create()
        wrapped = window.createTextureFromRhiTexture(self._texture)
        wrapped.setFiltering(QSGTexture.Filtering.Linear)
        wrapped.setHorizontalWrapMode(QSGTexture.WrapMode.ClampToEdge)
        wrapped.setVerticalWrapMode(QSGTexture.WrapMode.ClampToEdge)
        self._provider.current = wrapped

    def take_upload(self) -> tuple[QRhiTexture, QRhiTextureUploadDescription] | None:
        """What has to be copied before the next picture is drawn."""
        if not self._pending or self._texture is None:
            return None
        entries = []
        for place, texels in self._pending.items():
            part = QRhiTextureSubresourceUploadDescription(texels.data)
            part.setSourceSize(QSize(texels.width, texels.height))
            part.setDestinationTopLeft(QPoint(place * texels.width, 0))
            entries.append(QRhiTextureUploadEntry(0, 0, part))
        self._pending.clear()
        description = QRhiTextureUploadDescription()
        description.setEntries(entries)
        return self._texture, description

    def release(self) -> None:
        """Free the texture; the scene graph must not be drawing."""
        self._provider.current = None
        if self._texture is not None:
            self._texture.deleteLater()
            self._texture = None


def _high_bytes(texels: Texels) -> Texels:
    """8 bits of 16, for hardware without 16-bit textures."""
    return texels._replace(format=TexelFormat.R8, data=texels.data[1::2])  # little endian


class TextureStore(QObject):
    """All textures of a window; uploads what changed just before each picture is drawn."""

    def __init__(self, window: QQuickWindow) -> None:
        super().__init__(window)
        self._window = window
        self._items: list[TextureItem] = []
        self._python_ms = 0.0
        direct = Qt.ConnectionType.DirectConnection
        window.beforeSynchronizing.connect(self._allocate, direct)
        window.beforeRendering.connect(self._upload, direct)
        window.sceneGraphInvalidated.connect(self._release, direct)

    def new(self) -> TextureItem:
        """Another texture, empty and transparent until something is put into it."""
        item = TextureItem(self._window.contentItem())
        self._items.append(item)
        return item

    def take_python_ms(self) -> float:
        """Time spent here since the last call."""
        spent, self._python_ms = self._python_ms, 0.0
        return spent

    def _allocate(self) -> None:
        rhi = self._window.rhi()
        for item in self._items:
            item.allocate(self._window, rhi)

    def _upload(self) -> None:
        began = time.thread_time()
        self._send()
        self._python_ms += (time.thread_time() - began) * 1000.0

    def _send(self) -> None:
        uploads = [upload for item in self._items if (upload := item.take_upload()) is not None]
        if not uploads:
            return
        batch = self._window.rhi().nextResourceUpdateBatch()
        for texture, description in uploads:
            batch.uploadTexture(texture, description)
        self._window.swapChain().currentFrameCommandBuffer().resourceUpdate(batch)

    def _release(self) -> None:
        for item in self._items:
            item.release()
