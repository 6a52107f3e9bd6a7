pragma ComponentBehavior: Bound

// A live cross where the frame believes the visitor's eyes are, and what to correct if it is wrong.
import QtQuick

FocusScope {
    id: calibration

    required property Theme theme
    required property var panel
    readonly property var camera: panel.camera
    readonly property var settings: panel.calibration
    readonly property var setting: settings[chosen]
    property int chosen: 0

    onActiveFocusChanged: {
        if (activeFocus && Window.activeFocusItem === calibration)
            slider.forceActiveFocus();
    }

    Rectangle {
        anchors.bottom: parent.bottom
        anchors.bottomMargin: calibration.theme.unit
        anchors.horizontalCenter: parent.horizontalCenter
        color: calibration.theme.ground
        height: card.height + calibration.theme.unit * 1.6
        radius: calibration.theme.round
        width: Math.min(parent.width - calibration.theme.unit * 2, calibration.theme.unit * 46)

        // Nothing falls through to what lies below.
        MouseArea {
            anchors.fill: parent
        }

        Column {
            id: card

            spacing: calibration.theme.gap
            width: parent.width - calibration.theme.unit * 2
            x: calibration.theme.unit
            y: calibration.theme.unit * 0.8

            Text {
                color: calibration.theme.text
                font.pixelSize: calibration.theme.unit
                text: qsTr("Walk about and look at the cross. It should stand straight before your eyes.")
                textFormat: Text.PlainText
                width: parent.width
                wrapMode: Text.WordWrap
            }

            Text {
                color: calibration.theme.dim
                font.pixelSize: calibration.theme.unit
                text: calibration.camera.distanceText
                textFormat: Text.PlainText
            }

            Choices {
                options: calibration.settings.map((setting, place) => ({
                            "value": String(place),
                            "text": setting.title,
                            "on": place === calibration.chosen
                        }))
                theme: calibration.theme
                width: parent.width

                onPicked: place => calibration.chosen = Number(place)
            }

            Stops {
                id: slider

                count: calibration.setting.count
                position: calibration.setting.position
                spoken: calibration.setting.title
                text: calibration.setting.text
                theme: calibration.theme
                width: parent.width

                onMoved: position => calibration.setting.moveTo(position)
            }

            Item {
                height: calibration.theme.target
                width: parent.width

                PanelButton {
                    id: metre

                    anchors.right: done.left
                    anchors.rightMargin: calibration.theme.gap
                    enabled: calibration.camera.hasEye
                    text: qsTr("I stand one metre away")
                    theme: calibration.theme

                    onClicked: calibration.camera.correctDistance()
                }

                PanelButton {
                    id: done

                    anchors.right: parent.right
                    icon: "done"
                    isAccent: true
                    text: qsTr("Done")
                    theme: calibration.theme

                    onClicked: calibration.panel.showCross(false)
                }
            }
        }
    }

    // Eyes beyond the edge of the glass leave a paler cross at the edge.
    Item {
        readonly property real edge: calibration.theme.unit * 1.5
        readonly property real truly: calibration.camera.eyeAcross * calibration.width
        readonly property real trulyDown: calibration.camera.eyeDown * calibration.height

        opacity: x === truly && y === trulyDown ? 1 : 0.5
        visible: calibration.camera.hasEye
        x: Math.min(calibration.width - edge, Math.max(edge, truly))
        y: Math.min(calibration.height - edge, Math.max(edge, trulyDown))

        Repeater {
            model: [Qt.size(9, 0.28), Qt.size(0.28, 9), Qt.size(8.8, 0.12), Qt.size(0.12, 8.8)]

            Rectangle {
                required property int index
                required property size modelData

                color: index < 2 ? calibration.theme.inkOnAccent : calibration.theme.accent
                height: Math.max(1, calibration.theme.unit * modelData.height)
                width: Math.max(1, calibration.theme.unit * modelData.width)
                x: -width / 2
                y: -height / 2
            }
        }
    }
}
