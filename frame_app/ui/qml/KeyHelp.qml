pragma ComponentBehavior: Bound

// The list of keys, over the picture, until the same key or any other is pressed.
import QtQuick

Rectangle {
    id: help

    required property var entries

    anchors.centerIn: parent
    color: "#dd16130f"
    height: table.height + table.rowSpacing * 4
    radius: table.rowSpacing
    width: table.width + table.rowSpacing * 6

    Grid {
        id: table

        readonly property real unit: Math.max(13, (help.parent?.height ?? 720) / 42)

        anchors.centerIn: parent
        columnSpacing: unit * 1.5
        columns: 2
        rowSpacing: unit * 0.45

        Repeater {
            model: help.entries

            Text {
                required property int index
                required property string modelData

                color: index % 2 === 0 ? "#e0b872" : "#f4ecdf"
                font.pixelSize: table.unit
                text: modelData
                textFormat: Text.PlainText
            }
        }
    }
}
