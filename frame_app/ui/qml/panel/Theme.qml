// Sizes and colours of the panel. All sizes follow `unit`, the height of ordinary text in pixels.
import QtQuick

QtObject {
    required property real width
    required property real height
    required property real target
    required property real textSize
    required property url icons
    property bool showsFocus: false

    readonly property bool isWide: width > height
    readonly property real unit: Math.max(Math.min(width, height) / 32, target * 0.36) * textSize
    readonly property real gap: unit * 0.6
    readonly property real row: Math.max(target, unit * 2.4)
    readonly property real round: unit * 0.5
    readonly property int quick: 140
    readonly property color accent: "#e0b872"
    readonly property color inkOnAccent: "#1d160b"
    readonly property color text: "#f4ecdf"
    readonly property color dim: "#b3a999"
    readonly property color ground: "#14110d"
    readonly property color raised: "#14ffffff"
    readonly property color pressed: "#2affffff"
    readonly property color line: "#1fffffff"
    readonly property color warning: "#e58a6b"
}
