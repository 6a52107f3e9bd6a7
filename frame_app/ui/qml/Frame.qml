// All that is on the panel: two portraits, of which one dissolves into the other; texts. The mat
// around them is the window's own colour.
import QtQuick

Item {
    id: frame

    property string noticeText: ""
    property var keyEntries: []
    property bool showsKeys: false

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
