// On or off.
import QtQuick

Item {
    id: toggle

    required property Theme theme
    required property bool isOn
    property string spoken: ""
    signal toggled

    Accessible.checked: isOn
    Accessible.name: spoken
    Accessible.role: Accessible.CheckBox
    activeFocusOnTab: true
    height: theme.target
    implicitWidth: track.width + theme.unit * 0.4
    width: implicitWidth

    Keys.onReturnPressed: toggle.toggled()
    Keys.onEnterPressed: toggle.toggled()
    Keys.onSpacePressed: toggle.toggled()
    Keys.onLeftPressed: event => {
        event.accepted = toggle.isOn;
        if (toggle.isOn)
            toggle.toggled();
    }
    Keys.onRightPressed: {
        if (!toggle.isOn)
            toggle.toggled();
    }

    Rectangle {
        id: track

        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        color: toggle.isOn ? toggle.theme.accent : toggle.theme.pressed
        height: toggle.theme.unit * 1.7
        radius: height / 2
        width: toggle.theme.unit * 3.1

        Behavior on color {
            ColorAnimation {
                duration: toggle.theme.quick
            }
        }

        Rectangle {
            anchors.verticalCenter: parent.verticalCenter
            color: toggle.isOn ? toggle.theme.inkOnAccent : toggle.theme.text
            height: parent.height - toggle.theme.unit * 0.4
            radius: height / 2
            width: height
            x: toggle.isOn ? parent.width - width - toggle.theme.unit * 0.2 : toggle.theme.unit * 0.2

            Behavior on x {
                NumberAnimation {
                    duration: toggle.theme.quick
                    easing.type: Easing.OutCubic
                }
            }
        }

        FocusRing {
            isFocused: toggle.activeFocus
            radius: height / 2
            theme: toggle.theme
        }
    }

    MouseArea {
        anchors.fill: parent

        onClicked: {
            toggle.forceActiveFocus();
            toggle.toggled();
        }
    }
}
