// Says where the keyboard is; a finger needs no ring.
import QtQuick

Rectangle {
    required property Theme theme
    required property bool isFocused

    anchors.fill: parent
    anchors.margins: -theme.unit * 0.15
    border.color: theme.accent
    border.width: Math.max(2, theme.unit * 0.12)
    color: "transparent"
    radius: theme.round
    visible: isFocused && theme.showsFocus
}
