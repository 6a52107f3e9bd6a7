pragma ComponentBehavior: Bound

// Live mirror, gesture test, calibration, off switch.
import QtQuick

SettingsPage {
    id: page

    readonly property var camera: panel.camera

    head: Column {
        spacing: page.theme.gap

        SettingView {
            panel: page.panel
            setting: page.panel.offSwitch
            theme: page.theme
            width: parent.width
        }

        Item {
            height: Math.min(width * 0.56, page.height * 0.45)
            width: parent.width

            Rectangle {
                anchors.fill: parent
                color: page.theme.raised
                radius: page.theme.round
            }

            Image {
                anchors.fill: parent
                anchors.margins: page.theme.unit * 0.3
                cache: false
                fillMode: Image.PreserveAspectFit
                source: page.camera.mirrorSource
                visible: page.camera.isWatching
            }

            Column {
                anchors.centerIn: parent
                spacing: page.theme.gap
                visible: page.camera.mirrorSource === "" || !page.camera.isWatching
                width: parent.width * 0.85

                Image {
                    anchors.horizontalCenter: parent.horizontalCenter
                    asynchronous: true
                    height: width
                    opacity: 0.7
                    source: page.theme.icons + (page.camera.isWatching ? "camera.svg" : "camera-off.svg")
                    sourceSize: Qt.size(width, height)
                    width: Math.round(page.theme.unit * 3)
                }

                Text {
                    color: page.theme.text
                    font.pixelSize: page.theme.unit * 1.1
                    horizontalAlignment: Text.AlignHCenter
                    text: page.camera.statusText
                    textFormat: Text.PlainText
                    width: parent.width
                    wrapMode: Text.WordWrap
                }

                Text {
                    color: page.theme.dim
                    font.pixelSize: page.theme.unit * 0.85
                    horizontalAlignment: Text.AlignHCenter
                    text: page.camera.hint
                    textFormat: Text.PlainText
                    visible: !page.camera.isWatching
                    width: parent.width
                    wrapMode: Text.WordWrap
                }
            }
        }

        Item {
            height: status.height
            visible: page.camera.isWatching
            width: parent.width

            Text {
                id: status

                color: page.theme.text
                font.pixelSize: page.theme.unit
                text: page.camera.viewersText
                textFormat: Text.PlainText
            }

            Text {
                anchors.right: parent.right
                color: page.theme.dim
                font.pixelSize: page.theme.unit
                text: page.camera.distanceText
                textFormat: Text.PlainText
            }
        }

        Text {
            color: page.theme.dim
            font.pixelSize: page.theme.unit * 0.85
            text: page.camera.hint
            textFormat: Text.PlainText
            visible: page.camera.isWatching
            width: parent.width
            wrapMode: Text.WordWrap
        }

        Text {
            color: page.theme.accent
            font.capitalization: Font.AllUppercase
            font.letterSpacing: page.theme.unit * 0.08
            font.pixelSize: page.theme.unit * 0.8
            text: qsTr("Gesture test")
            textFormat: Text.PlainText
            topPadding: page.theme.gap
        }

        Grid {
            id: bars

            columnSpacing: page.theme.unit * 1.5
            columns: page.width > page.theme.unit * 24 ? 2 : 1
            opacity: page.camera.isWatching ? 1 : 0.4
            rowSpacing: page.theme.unit * 0.5
            width: parent.width

            Repeater {
                model: page.camera.barNames.length

                Item {
                    id: bar

                    required property int index
                    readonly property real score: page.camera.bars[index] ?? 0

                    height: page.theme.unit * 1.3
                    width: (bars.width - (bars.columns - 1) * page.theme.unit * 1.5) / bars.columns

                    Text {
                        anchors.verticalCenter: parent.verticalCenter
                        color: page.theme.text
                        elide: Text.ElideRight
                        font.pixelSize: page.theme.unit * 0.85
                        text: page.camera.barNames[bar.index] ?? ""
                        textFormat: Text.PlainText
                        width: parent.width * 0.58
                    }

                    Rectangle {
                        anchors.right: parent.right
                        anchors.verticalCenter: parent.verticalCenter
                        color: page.theme.pressed
                        height: page.theme.unit * 0.4
                        radius: height / 2
                        width: parent.width * 0.4

                        Rectangle {
                            color: bar.score > 0.6 ? page.theme.accent : page.theme.dim
                            height: parent.height
                            radius: height / 2
                            width: parent.width * bar.score

                            Behavior on width {
                                NumberAnimation {
                                    duration: 100
                                }
                            }
                        }
                    }
                }
            }
        }

        Text {
            color: page.theme.accent
            font.capitalization: Font.AllUppercase
            font.letterSpacing: page.theme.unit * 0.08
            font.pixelSize: page.theme.unit * 0.8
            text: qsTr("Calibration")
            textFormat: Text.PlainText
            topPadding: page.theme.gap
        }

        Text {
            color: page.theme.dim
            font.pixelSize: page.theme.unit * 0.85
            text: qsTr("Measure the width of the visible picture, say where the lens sits and how it is tilted, then look at the cross: it should stand straight before your eyes wherever you go. If it strays to one side, correct the place of the camera; if it moves too little or too much, the distance.")
            textFormat: Text.PlainText
            width: parent.width
            wrapMode: Text.WordWrap
        }

        PanelButton {
            enabled: page.camera.isWatching
            icon: "cross"
            text: qsTr("Show the cross")
            theme: page.theme

            onClicked: page.panel.showCross(true)
        }

        Repeater {
            model: page.panel.calibration

            SettingView {
                required property var modelData

                panel: page.panel
                setting: modelData
                theme: page.theme
                width: parent.width
            }
        }
    }
}
