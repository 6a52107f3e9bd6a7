// A short, friendly text at the bottom of the picture, shown while something is degraded.
import QtQuick

Rectangle {
    id: notice

    property string last: "" // remains while it fades, or the box would close at once
    required property string text

    anchors.bottom: parent?.bottom
    anchors.bottomMargin: label.font.pixelSize * 4 // the title of the portrait stands below
    anchors.horizontalCenter: parent?.horizontalCenter
    color: "#cc16130f"
    height: label.height + label.font.pixelSize
    opacity: notice.text === "" ? 0 : 1
    radius: label.font.pixelSize / 2
    visible: notice.opacity > 0
    width: label.width + label.font.pixelSize * 2

    onTextChanged: {
        if (notice.text !== "")
            notice.last = notice.text;
    }

    Behavior on opacity {
        NumberAnimation {
            duration: 400
        }
    }

    Text {
        id: label

        anchors.centerIn: parent
        color: "#f4ecdf"
        font.pixelSize: Math.max(14, (notice.parent?.height ?? 720) / 45)
        horizontalAlignment: Text.AlignHCenter
        text: notice.text || notice.last
        textFormat: Text.PlainText
        width: Math.min(implicitWidth, (notice.parent?.width ?? 720) * 0.8)
        wrapMode: Text.WordWrap
    }
}
