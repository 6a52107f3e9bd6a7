"""Where pictures and videos say in themselves that a machine worked on them.

IPTC digital source type in an XMP packet: <https://cv.iptc.org/newscodes/digitalsourcetype/>,
embedded as XMP part 3 lays down for JPEG, PNG and the MPEG-4 family.
"""

import struct
from html import escape
from pathlib import Path
from uuid import UUID

XMP_CHUNK = "XML:com.adobe.xmp"
"""Keyword of the PNG text chunk that holds XMP."""

_NEWSCODES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
ENHANCED = _NEWSCODES + "algorithmicallyEnhanced"
"""A photo moved and mended by fixed algorithms."""
TRAINED_COMPOSITE = _NEWSCODES + "compositeWithTrainedAlgorithmicMedia"
"""A photo parts of which a generative network made."""

_XMP_BOX = UUID("be7acfcb-97a9-42e8-9c71-999491e3afac").bytes  # XMP part 3, table of MPEG-4


GENERATOR = "portrait-frame"
"""What the files name as their maker. Without the release, so that equal work is equal bytes."""


def source_type(*, generative: bool) -> str:
    """The IPTC digital source type of a portrait."""
    return TRAINED_COMPOSITE if generative else ENHANCED


def xmp_packet(*, generative: bool) -> bytes:
    """An XMP packet that names the program and the digital source type; no time, no place."""
    tool = escape(GENERATOR, quote=False)
    source = escape(source_type(generative=generative), quote=False)
    text = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
   <xmp:CreatorTool>{tool}</xmp:CreatorTool>
   <Iptc4xmpExt:DigitalSourceType>{source}</Iptc4xmpExt:DigitalSourceType>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""
    return text.encode()


def append_xmp_box(path: Path, xmp: bytes) -> None:
    """Add the packet to a finished MP4 as its last box; no offset in the file changes."""
    with path.open("ab") as stream:
        stream.write(struct.pack(">I4s16s", 24 + len(xmp), b"uuid", _XMP_BOX) + xmp)


def read_xmp_box(path: Path) -> bytes:
    """The XMP packet of an MP4, or nothing."""
    with path.open("rb") as stream:
        while len(head := stream.read(8)) == 8:
            size, kind = struct.unpack(">I4s", head)
            body = size - 8
            if size == 1:
                body = struct.unpack(">Q", stream.read(8))[0] - 16
            if size == 0:
                break
            if kind == b"uuid" and stream.read(16) == _XMP_BOX:
                return stream.read(body - 16)
            stream.seek(body - (16 if kind == b"uuid" else 0), 1)
    return b""
