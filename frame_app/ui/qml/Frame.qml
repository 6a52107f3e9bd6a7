// All that is on the panel: two portraits, of which one dissolves into the other; texts; the
// settings panel once it was opened. The mat around them is the window's own colour.
import QtQuick

Item {
    id: frame

    property string noticeText: ""
    property var keyEntries: []
    property bool showsKeys: false
    property real light: 0
    property int turn: 0
    property var panel: null

    onPanelChanged: marks.setSource("panel/Marks.qml", {
        "panel": frame.panel
    })

    // What hangs on the wall and lies over it, turned as the panel is.
    Item {
        id: wall

        readonly property bool isUpright: frame.turn % 180 === 0

        anchors.centerIn: parent
        height: wall.isUpright ? frame.height : frame.width
        objectName: "wall"
        rotation: frame.turn
        width: wall.isUpright ? frame.width : frame.height

        // The portraits. While the settings are open they stand aside, smaller, so that what is
        // changed or tried can be seen.
        Item {
            id: scene

            readonly property Item front: first.z > second.z ? first : second
            readonly property rect free: sheet.free
            readonly property real freeShare: Math.min(free.width / wall.width, free.height / wall.height)
            readonly property bool isAside: frame.panel?.isOpen === true && freeShare > 0.15 && freeShare < 1
            readonly property real margin: 0.06 * Math.min(free.width, free.height)
            readonly property real share: isAside ? Math.min(1, (free.width - 2 * margin) / front.width, (free.height - 2 * margin) / front.height) : 1

            height: wall.height
            scale: share
            transformOrigin: Item.TopLeft
            width: wall.width
            x: isAside ? free.x + free.width / 2 - share * (front.x + front.width / 2) : 0
            y: isAside ? free.y + free.height / 2 - share * (front.y + front.height / 2) : 0

            Behavior on scale {
                NumberAnimation {
                    duration: 260
                    easing.type: Easing.InOutCubic
                }
            }
            Behavior on x {
                NumberAnimation {
                    duration: 260
                    easing.type: Easing.InOutCubic
                }
            }
            Behavior on y {
                NumberAnimation {
                    duration: 260
                    easing.type: Easing.InOutCubic
                }
            }

            PortraitView {
                id: first

                objectName: "first"
            }

            PortraitView {
                id: second

                objectName: "second"
            }
        }

        TapHandler {
            enabled: frame.panel !== null && !frame.panel.isOpen
            gesturePolicy: TapHandler.ReleaseWithinBounds
            longPressThreshold: 0.8

            onLongPressed: frame.panel.open()
            onTapped: point => {
                const reach = 2 * frame.panel.target;
                if (point.position.x > wall.width - reach && point.position.y < reach)
                    frame.panel.open();
            }
        }

        // A swipe over the picture turns pages: leftwards comes the next portrait.
        DragHandler {
            property real way: 0

            enabled: frame.panel !== null && !frame.panel.isOpen
            target: null
            yAxis.enabled: false

            onActiveChanged: {
                if (!active && Math.abs(way) > 0.1 * wall.width)
                    frame.panel.turn(way < 0 ? 1 : -1);
                way = 0;
            }
            onActiveTranslationChanged: {
                if (active)
                    way = activeTranslation.x;
            }
        }

        Loader {
            id: marks

            anchors.fill: parent
            opacity: frame.light
            z: 2
        }

        Loader {
            id: sheet

            readonly property bool isWanted: frame.panel?.wasOpened ?? false
            property rect free: Qt.rect(0, 0, wall.width, wall.height)

            anchors.fill: parent
            asynchronous: true
            focus: true
            objectName: "sheet"
            z: 3

            onIsWantedChanged: setSource("panel/Panel.qml", {
                "frame": frame.panel,
                "wall": sheet
            })
        }

        // as dark as the picture: at night nothing shines
        Item {
            anchors.fill: parent
            opacity: frame.light
            z: 4

            Notice {
                text: frame.noticeText
            }
        }

        KeyHelp {
            entries: frame.keyEntries
            visible: frame.showsKeys
            z: 2
        }
    }
}
