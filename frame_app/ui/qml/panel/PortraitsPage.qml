pragma ComponentBehavior: Bound

// All portraits of the library; below them what can be done with the selected one.
import QtQuick

Item {
    id: page

    required property Theme theme
    required property var panel
    readonly property var portraits: panel.portraits
    readonly property bool isNarrow: width < theme.unit * 26 // one row of buttons, not two

    Text {
        anchors.centerIn: parent
        color: page.theme.dim
        font.pixelSize: page.theme.unit
        horizontalAlignment: Text.AlignHCenter
        text: qsTr("There are no portraits yet.\nPut photos into %1; they come alive overnight.").arg(page.portraits.inbox)
        visible: grid.count === 0
        width: parent.width * 0.8
        wrapMode: Text.WordWrap
    }

    GridView {
        id: grid

        readonly property int columns: Math.max(2, Math.floor(width / (page.theme.unit * 7.6)))

        Accessible.name: qsTr("Portraits")
        Accessible.role: Accessible.List
        activeFocusOnTab: true
        anchors.bottom: details.top
        anchors.bottomMargin: page.theme.gap
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        boundsBehavior: Flickable.StopAtBounds
        cellHeight: cellWidth * 1.25 + page.theme.unit * 2.4
        cellWidth: Math.floor(width / columns)
        clip: true
        currentIndex: page.portraits.selectedPlace
        keyNavigationEnabled: false
        model: page.portraits

        function select(index: int) {
            const id = page.portraits.idAt(index);
            if (id !== "")
                page.portraits.select(id);
        }

        Component.onCompleted: {
            if (currentIndex < 0)
                page.portraits.selectShown();
        }
        onCurrentIndexChanged: positionViewAtIndex(Math.max(0, currentIndex), GridView.Contain)

        Keys.onPressed: event => {
            const step = ({
                    [Qt.Key_Left]: -1,
                    [Qt.Key_Right]: 1,
                    [Qt.Key_Up]: -columns,
                    [Qt.Key_Down]: columns
                })[event.key];
            if (step === undefined)
                return;
            const to = currentIndex + step;
            if (to < 0 || to >= count || (event.key === Qt.Key_Left && currentIndex % columns === 0))
                return;
            select(to);
            event.accepted = true;
        }
        Keys.onReturnPressed: page.portraits.show()
        Keys.onEnterPressed: page.portraits.show()
        Keys.onSpacePressed: page.portraits.toggle()

        delegate: Item {
            id: card

            required property int index
            required property string portraitId
            required property string title
            required property url poster
            required property bool isOn
            required property bool isShown
            required property bool isLeaving
            readonly property bool isSelected: card.portraitId === page.portraits.selectedId

            height: grid.cellHeight
            opacity: isLeaving ? 0.25 : 1
            width: grid.cellWidth

            Rectangle {
                id: mount

                anchors.fill: parent
                anchors.bottomMargin: page.theme.unit * 0.2
                anchors.margins: page.theme.unit * 0.3
                border.color: card.isSelected ? page.theme.accent : "transparent"
                border.width: Math.max(2, page.theme.unit * 0.12)
                color: card.isSelected ? page.theme.pressed : page.theme.raised
                radius: page.theme.round

                Item {
                    id: picture

                    anchors.left: parent.left
                    anchors.margins: page.theme.unit * 0.35
                    anchors.right: parent.right
                    anchors.top: parent.top
                    clip: true
                    height: width * 1.2

                    Image {
                        anchors.fill: parent
                        asynchronous: true
                        fillMode: Image.PreserveAspectCrop
                        opacity: card.isOn ? 1 : 0.3
                        source: card.poster
                        sourceSize.width: 360
                        verticalAlignment: Image.AlignTop
                    }

                    Rectangle {
                        anchors.bottom: parent.bottom
                        anchors.horizontalCenter: parent.horizontalCenter
                        anchors.margins: page.theme.unit * 0.3
                        color: "#cc14110d"
                        height: state.height + page.theme.unit * 0.4
                        radius: height / 2
                        visible: state.text !== ""
                        width: state.width + page.theme.unit * 1.2

                        Text {
                            id: state

                            anchors.centerIn: parent
                            color: page.theme.accent
                            font.pixelSize: page.theme.unit * 0.75
                            text: !card.isOn ? qsTr("off") : card.isShown ? qsTr("on the wall") : ""
                            textFormat: Text.PlainText
                        }
                    }
                }

                Text {
                    anchors.bottom: parent.bottom
                    anchors.left: picture.left
                    anchors.right: picture.right
                    anchors.top: picture.bottom
                    color: card.isOn ? page.theme.text : page.theme.dim
                    elide: Text.ElideRight
                    font.pixelSize: page.theme.unit * 0.8
                    horizontalAlignment: Text.AlignHCenter
                    lineHeight: 0.95
                    maximumLineCount: 2
                    text: card.title
                    textFormat: Text.PlainText
                    verticalAlignment: Text.AlignVCenter
                    wrapMode: Text.Wrap
                }
            }

            MouseArea {
                anchors.fill: parent

                onClicked: {
                    grid.forceActiveFocus();
                    page.portraits.select(card.portraitId);
                }
                onDoubleClicked: page.portraits.show()
            }
        }
    }

    FocusRing {
        anchors.fill: grid
        isFocused: grid.activeFocus
        theme: page.theme
    }

    Rectangle {
        id: details

        anchors.bottom: parent.bottom
        anchors.left: parent.left
        anchors.right: parent.right
        color: page.theme.raised
        height: visible ? inside.height + page.theme.unit * 1.6 : 0
        radius: page.theme.round
        visible: page.portraits.selectedId !== "" && page.portraits.selectedPlace >= 0

        Column {
            id: inside

            anchors.left: parent.left
            anchors.margins: page.theme.unit * 0.8
            anchors.right: parent.right
            anchors.top: parent.top
            spacing: page.theme.gap

            Flow {
                spacing: page.theme.unit * 0.35
                width: parent.width

                PanelButton {
                    enabled: !page.portraits.selectedIsShown
                    icon: "frame"
                    isAccent: enabled
                    spoken: qsTr("Show")
                    text: page.width < page.theme.unit * 23 ? "" : qsTr("Show")
                    theme: page.theme

                    onClicked: page.portraits.show()
                }

                PanelButton {
                    icon: page.portraits.selectedIsOn ? "eye" : "eye-off"
                    spoken: page.portraits.selectedIsOn ? qsTr("Take down") : qsTr("Hang up")
                    text: page.isNarrow ? "" : page.portraits.selectedIsOn ? qsTr("On") : qsTr("Off")
                    theme: page.theme

                    onClicked: page.portraits.toggle()
                }

                PanelButton {
                    enabled: page.portraits.selectedPlace > 0
                    icon: "earlier"
                    spoken: qsTr("Earlier")
                    theme: page.theme

                    onClicked: page.portraits.move(-1)
                }

                PanelButton {
                    enabled: page.portraits.selectedPlace < grid.count - 1
                    icon: "later"
                    spoken: qsTr("Later")
                    theme: page.theme

                    onClicked: page.portraits.move(1)
                }

                PanelButton {
                    icon: "pen"
                    spoken: qsTr("Rename")
                    theme: page.theme

                    onClicked: page.panel.edit(qsTr("Title"), page.portraits.selectedTitle, text => page.portraits.rename(text))
                }

                PanelButton {
                    icon: "bin"
                    spoken: qsTr("Delete")
                    theme: page.theme

                    onClicked: page.portraits.remove()
                }
            }

            // One line that scrolls: a portrait may have thirty clips.
            Flickable {
                id: clips

                readonly property Item focused: Window.activeFocusItem

                boundsBehavior: Flickable.StopAtBounds
                clip: true
                contentWidth: buttons.width
                flickableDirection: Flickable.HorizontalFlick
                height: page.theme.target
                visible: page.portraits.selectedClips.length > 0
                width: parent.width

                onFocusedChanged: {
                    if (focused?.parent === buttons)
                        contentX = Math.max(0, Math.min(contentWidth - width, focused.x + focused.width / 2 - width / 2));
                }

                Row {
                    id: buttons

                    spacing: page.theme.unit * 0.35

                    Repeater {
                        model: page.portraits.selectedClips.length

                        PanelButton {
                            required property int index
                            readonly property var clipHere: page.portraits.selectedClips[index] ?? ({
                                    "name": "",
                                    "text": ""
                                })

                            icon: "play"
                            isFlat: true
                            text: clipHere.text
                            theme: page.theme

                            onClicked: page.portraits.play(clipHere.name)
                        }
                    }
                }
            }
        }
    }

    Rectangle {
        anchors.bottom: details.top
        anchors.bottomMargin: page.theme.gap
        anchors.horizontalCenter: parent.horizontalCenter
        border.color: page.theme.line
        color: "#ff2a241c"
        height: page.theme.target + page.theme.unit * 0.6
        opacity: page.portraits.farewell === "" ? 0 : 1
        radius: page.theme.round
        visible: opacity > 0
        width: Math.min(parent.width, goodbye.implicitWidth + undo.width + page.theme.unit * 2.5)

        Behavior on opacity {
            NumberAnimation {
                duration: page.theme.quick
            }
        }

        Text {
            id: goodbye

            property string last: ""

            anchors.left: parent.left
            anchors.leftMargin: page.theme.unit
            anchors.right: undo.left
            anchors.verticalCenter: parent.verticalCenter
            color: page.theme.text
            elide: Text.ElideMiddle
            font.pixelSize: page.theme.unit
            text: qsTr("“%1” will be deleted").arg(page.portraits.farewell)
            textFormat: Text.PlainText
        }

        PanelButton {
            id: undo

            anchors.right: parent.right
            anchors.rightMargin: page.theme.unit * 0.3
            anchors.verticalCenter: parent.verticalCenter
            enabled: page.portraits.farewell !== ""
            isAccent: true
            text: qsTr("Undo")
            theme: page.theme

            onClicked: page.portraits.undo()
        }
    }
}
