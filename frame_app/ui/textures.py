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

from PySide6.QtCore import QObject, QSize, Qt
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
        self._pending: Texels | None = None

    def isTextureProvider(self) -> bool:
        """Qt asks before it takes the item for a sampler."""
        return True

    def textureProvider(self) -> QSGTextureProvider:
        """What the shader reads from."""
        return self._provider

    def put(self, texels: Texels) -> None:
        """Show these from the next picture on; costs nothing until then."""
        self._pending = texels

    def allocate(self, window: QQuickWindow, rhi: QRhi) -> None:
        """Make the texture if what waits has another shape than what is there."""
        texels = self._pending
        if texels is None:
            return
        if texels.format is TexelFormat.R16 and not rhi.isTextureFormatSupported(
            QRhiTexture.Format.R16
        ):
            high_bytes = texels.data[1::2]  # little endian
            texels = texels._replace(format=TexelFormat.R8, data=high_bytes)
            self._pending = texels
        size = QSize(texels.width, texels.height)
        old = self._texture
        if old is not None and old.pixelSize() == size and old.format() == texels.format.value:
            return
        self.release()
        self._texture = rhi.newTexture(texels.format.value, size)
        self._texture.create()
        wrapped = window.createTextureFromRhiTexture(self._texture)
        wrapped.setFiltering(QSGTexture.Filtering.Linear)
        wrapped.setHorizontalWrapMode(QSGTexture.WrapMode.ClampToEdge)
        wrapped.setVerticalWrapMode(QSGTexture.WrapMode.ClampToEdge)
        self._provider.current = wrapped

    def take_upload(self) -> tuple[QRhiTexture, QRhiTextureUploadDescription] | None:
        """What has to be copied before the next picture is drawn."""
        texels, self._pending = self._pending, None
        if texels is None or self._texture is None:
            return None
        part = QRhiTextureSubresourceUploadDescription(texels.data)
        return self._texture, QRhiTextureUploadDescription(QRhiTextureUploadEntry(0, 0, part))

    def release(self) -> None:
        """Free the texture; the scene graph must not be drawing."""
        self._provider.current = None
        if self._texture is not None:
            self._texture.deleteLater()
            self._texture = None


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
        began = time.perf_counter()
        self._send()
        self._python_ms += (time.perf_counter() - began) * 1000.0

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
