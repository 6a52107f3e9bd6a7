// All that is on the panel: two portraits, of which one dissolves into the other, and texts.
import QtQuick

Rectangle {
    id: frame

    property string noticeText: ""
    property var keyEntries: []
    property bool showsKeys: false

    color: "black"

    PortraitView {
        objectName: "first"
    }

    PortraitView {
        objectName: "second"
    }

    Notice {
        text: frame.noticeText
        z: 2
    }

    KeyHelp {
        entries: frame.keyEntries
        visible: frame.showsKeys
        z: 2
    }
}
