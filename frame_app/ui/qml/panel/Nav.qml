pragma ComponentBehavior: Bound

// The pages to choose from: a rail at the side, or a strip on upright panels.
import QtQuick

Item {
    id: nav

    required property Theme theme
    required property var pages
    required property int current
    readonly property bool hasFocus: {
        const item = nav.Window.activeFocusItem;
        return item !== null && item.parent === tabs;
    }
    property bool isAwaited: false // the keyboard shall go to a tab that is still being made
    signal chosen(int page)
    signal entered

    function focusCurrent() {
        const tab = repeater.itemAt(nav.current);
        nav.isAwaited = tab === null;
        if (tab)
            tab.forceActiveFocus();
    }

    implicitHeight: Math.max(theme.row * 1.5, theme.unit * 4)
    implicitWidth: theme.unit * 12.5

    Rectangle {
        anchors.fill: parent
        color: "#0affffff"
    }

    Grid {
        id: tabs

        readonly property real margin: Math.min(nav.theme.unit * 1.2, 0.02 * nav.height)
        readonly property real fit: (nav.height - 2 * margin) / Math.max(1, nav.pages.length) - spacing

        columns: nav.theme.isWide ? 1 : nav.pages.length
        spacing: nav.theme.unit * 0.2
        width: parent.width
        y: nav.theme.isWide ? tabs.margin : 0

        Repeater {
            id: repeater

            model: nav.pages.length

            onItemAdded: index => {
                if (nav.isAwaited && index === nav.current)
                    Qt.callLater(nav.focusCurrent);
            }

            Rectangle {
                id: tab

                required property int index
                readonly property bool isCurrent: index === nav.current
                readonly property var page: nav.pages[index] ?? ({
                        "name": "",
                        "title": ""
                    })

                function turn(step: int) {
                    const to = tab.index + step;
                    if (to < 0 || to >= nav.pages.length)
                        return;
                    repeater.itemAt(to).forceActiveFocus();
                    nav.chosen(to);
                }

                Accessible.name: page.title
                Accessible.role: Accessible.PageTab
                activeFocusOnTab: isCurrent || activeFocus
                color: isCurrent ? nav.theme.raised : "transparent"
                height: nav.theme.isWide ? Math.min(nav.theme.row * 1.15, tabs.fit) : nav.height
                width: nav.theme.isWide ? nav.width : (nav.width - (nav.pages.length - 1) * tabs.spacing) / nav.pages.length

                Keys.onPressed: event => {
                    const next = nav.theme.isWide ? Qt.Key_Down : Qt.Key_Right;
                    const previous = nav.theme.isWide ? Qt.Key_Up : Qt.Key_Left;
                    if (event.key === next)
                        tab.turn(1);
                    else if (event.key === previous)
                        tab.turn(-1);
                    else if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter || event.key === Qt.Key_Space || event.key === Qt.Key_Right || event.key === Qt.Key_Down)
                        nav.entered();
                    else
                        return;
                    nav.theme.showsFocus = true;
                    event.accepted = true;
                }

                Rectangle {
                    color: nav.theme.accent
                    height: nav.theme.isWide ? parent.height : nav.theme.unit * 0.18
                    visible: tab.isCurrent
                    width: nav.theme.isWide ? nav.theme.unit * 0.18 : parent.width
                }

                Image {
                    id: icon

                    asynchronous: true
                    height: width
                    opacity: tab.isCurrent ? 1 : 0.6
                    source: nav.theme.icons + tab.page.name + ".svg"
                    sourceSize: Qt.size(width, height)
                    width: Math.round(nav.theme.unit * 1.6)
                    x: nav.theme.isWide ? nav.theme.unit * 1.1 : (parent.width - width) / 2
                    y: nav.theme.isWide ? (parent.height - height) / 2 : nav.theme.unit * 0.55
                }

                Text {
                    color: tab.isCurrent ? nav.theme.text : nav.theme.dim
                    font.pixelSize: nav.theme.unit * 0.62
                    fontSizeMode: Text.Fit
                    height: nav.theme.unit * 1.6
                    horizontalAlignment: Text.AlignHCenter
                    lineHeight: 0.95
                    maximumLineCount: 2
                    minimumPixelSize: nav.theme.unit * 0.5
                    text: tab.page.title
                    textFormat: Text.PlainText
                    visible: !nav.theme.isWide
                    width: parent.width - nav.theme.unit * 0.2
                    wrapMode: Text.WordWrap
                    x: nav.theme.unit * 0.1
                    y: nav.theme.unit * 2.3
                }

                Text {
                    anchors.left: icon.right
                    anchors.leftMargin: nav.theme.unit * 0.8
                    anchors.right: parent.right
                    anchors.rightMargin: nav.theme.unit * 0.3
                    anchors.verticalCenter: parent.verticalCenter
                    color: tab.isCurrent ? nav.theme.text : nav.theme.dim
                    font.pixelSize: nav.theme.unit * 0.95
                    text: tab.page.title
                    textFormat: Text.PlainText
                    visible: nav.theme.isWide
                    wrapMode: Text.WordWrap
                }

                FocusRing {
                    anchors.margins: nav.theme.unit * 0.15
                    isFocused: tab.activeFocus
                    theme: nav.theme
                }

                MouseArea {
                    anchors.fill: parent

                    onClicked: {
                        tab.forceActiveFocus();
                        nav.chosen(tab.index);
                    }
                }
            }
        }
    }
}
