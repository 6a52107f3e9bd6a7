// One step at a time, for what a finger cannot hit on a short way; held, it goes on.
import QtQuick

Rectangle {
    id: nudge

    required property Theme theme
    required property string sign
    signal nudged

    anchors.verticalCenter: parent?.verticalCenter
    color: area.pressed ? theme.pressed : theme.raised
    height: theme.target
    radius: theme.round
    width: theme.target * 0.85

    Text {
        anchors.centerIn: parent
        color: nudge.theme.text
        font.pixelSize: nudge.theme.unit * 1.3
        text: nudge.sign
        textFormat: Text.PlainText
    }

    MouseArea {
        id: area

        anchors.fill: parent

        onClicked: {
            if (!repeat.hasRun)
                nudge.nudged();
        }
        onPressed: repeat.hasRun = false
    }

    Timer {
        id: repeat

        property bool hasRun: false

        interval: hasRun ? 90 : 500
        repeat: true
        running: area.pressed

        onTriggered: {
            hasRun = true;
            nudge.nudged();
        }
    }
}
