// All that is on the panel: two portraits, of which one dissolves into the other; texts. The mat
// around them is the window's own colour.
import QtQuick

Item {
    id: frame

    property string noticeText: ""
    property var keyEntries: []
    property bool showsKeys: false
    property int turn: 0

    // What hangs on the wall, turned as the panel is. The panel's settings belong in here too.
    Item {
        id: wall

        readonly property bool isUpright: frame.turn % 180 === 0

        anchors.centerIn: parent
        height: wall.isUpright ? frame.height : frame.width
        objectName: "wall"
        rotation: frame.turn
        width: wall.isUpright ? frame.width : frame.height

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
}
