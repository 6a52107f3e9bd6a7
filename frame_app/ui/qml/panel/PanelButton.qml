// Something to press, with an icon, a text, or both.
import QtQuick

Rectangle {
    id: button

    required property Theme theme
    property string text: ""
    property string icon: ""
    property string spoken: text
    property bool isAccent: false
    property bool isFlat: false
    property bool isChosen: false
    signal clicked

    Accessible.name: spoken
    Accessible.role: Accessible.Button
    activeFocusOnTab: true
    color: isAccent ? theme.accent : area.pressed ? theme.pressed : isFlat && !isChosen ? "transparent" : theme.raised
    height: theme.target
    implicitWidth: Math.max(theme.target, line.implicitWidth + theme.unit * (text === "" ? 0.8 : 1.6))
    opacity: enabled ? 1 : 0.35
    radius: theme.round
    width: implicitWidth

    Keys.onReturnPressed: button.clicked()
    Keys.onEnterPressed: button.clicked()
    Keys.onSpacePressed: button.clicked()

    Behavior on color {
        ColorAnimation {
            duration: button.theme.quick
        }
    }

    Row {
        id: line

        anchors.centerIn: parent
        spacing: button.theme.unit * 0.5

        Image {
            anchors.verticalCenter: parent.verticalCenter
            asynchronous: true
            height: width
            source: button.icon === "" ? "" : button.theme.icons + button.icon + (button.isAccent ? "-dark" : "") + ".svg"
            sourceSize: Qt.size(width, height)
            visible: button.icon !== ""
            width: Math.round(button.theme.unit * 1.3)
        }

        Text {
            anchors.verticalCenter: parent.verticalCenter
            color: button.isAccent ? button.theme.inkOnAccent : button.theme.text
            font.pixelSize: button.theme.unit
            text: button.text
            textFormat: Text.PlainText
            visible: text !== ""
        }
    }

    FocusRing {
        isFocused: button.activeFocus
        theme: button.theme
    }

    MouseArea {
        id: area

        anchors.fill: parent

        onClicked: {
            button.forceActiveFocus();
            button.clicked();
        }
    }
}
