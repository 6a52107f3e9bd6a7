pragma ComponentBehavior: Bound

// What lies on the picture besides the panel: dot, badge, title.
import QtQuick

Item {
    id: marks

    required property var panel
    readonly property real unit: Math.max(13, Math.min(width, height) / 45)

    anchors.fill: parent

    Rectangle {
        anchors.margins: marks.unit
        anchors.right: parent.right
        anchors.top: parent.top
        border.color: "#80000000"
        border.width: 1
        color: "#7fc97f"
        height: width
        opacity: marks.panel.camera.showsDot ? 0.85 : 0
        radius: width / 2
        visible: opacity > 0
        width: Math.max(8, marks.unit * 0.5)

        Behavior on opacity {
            NumberAnimation {
                duration: 400
            }
        }
    }

    Text {
        anchors.bottom: parent.bottom
        anchors.margins: marks.unit
        anchors.right: parent.right
        color: "#f4ecdf"
        font.letterSpacing: 1
        font.pixelSize: marks.unit * 0.72
        opacity: marks.panel.showsBadge ? 0.55 : 0
        style: Text.Outline
        styleColor: "#66000000"
        text: qsTr("animated")
        textFormat: Text.PlainText
        visible: opacity > 0

        Behavior on opacity {
            NumberAnimation {
                duration: 400
            }
        }
    }

    Text {
        id: title

        property string last: ""

        anchors.bottom: parent.bottom
        anchors.bottomMargin: marks.unit * 1.6
        anchors.horizontalCenter: parent.horizontalCenter
        color: "#f4ecdf"
        elide: Text.ElideRight
        font.pixelSize: marks.unit * 1.3
        opacity: marks.panel.caption === "" ? 0 : 0.95
        style: Text.Outline
        styleColor: "#99000000"
        text: marks.panel.caption || title.last
        textFormat: Text.PlainText
        visible: opacity > 0
        width: Math.min(implicitWidth, marks.width * 0.7)

        onTextChanged: title.last = title.text

        Behavior on opacity {
            NumberAnimation {
                duration: 700
            }
        }
    }
}
