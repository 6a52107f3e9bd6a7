pragma ComponentBehavior: Bound

// The settings panel over the running portrait: a sheet at the side, or below on upright panels.
import QtQuick

FocusScope {
    id: panel

    required property var frame
    required property var wall
    readonly property rect free: frame.showsCross && !isAsking ? Qt.rect(0, 0, width, height) : theme.isWide ? Qt.rect(sheet.width, 0, width - sheet.width, height) : Qt.rect(0, 0, width, height - sheet.height)
    readonly property alias theme: theme
    readonly property bool isAsking: frame.isLocked || asksForNewPin
    property bool asksForNewPin: false
    property bool isEditing: false
    property var answer: null

    // What pages read; the frame's own object does the rest.
    readonly property var calibration: frame.calibration
    readonly property var offSwitch: frame.offSwitch
    readonly property var portraits: frame.portraits
    readonly property var camera: frame.camera
    readonly property var rules: frame.rules
    readonly property var facts: frame.facts
    readonly property bool hasPin: frame.hasPin
    readonly property bool showsCross: frame.showsCross

    function askForNewPin() {
        panel.asksForNewPin = true;
    }

    function removePin() {
        panel.frame.removePin();
    }

    function sectionsOf(page: string): var {
        return panel.frame.sectionsOf(page);
    }

    function showCross(shows: bool) {
        panel.frame.showCross(shows);
    }

    function edit(title: string, text: string, answer: var) {
        panel.answer = answer;
        panel.isEditing = true;
        editor.begin(title, text);
    }

    function home() {
        if (panel.isAsking)
            pad.forceActiveFocus();
        else if (panel.showsCross)
            calibration.forceActiveFocus();
        else
            nav.focusCurrent();
    }

    function move(forward: bool) {
        const from = panel.Window.activeFocusItem;
        const to = from ? from.nextItemInFocusChain(forward) : null;
        if (to)
            to.forceActiveFocus(forward ? Qt.TabFocusReason : Qt.BacktabFocusReason);
    }

    anchors.fill: parent
    enabled: frame.isOpen
    focus: frame.isOpen
    opacity: frame.isOpen ? 1 : 0
    visible: frame.isOpen || opacity > 0

    Component.onCompleted: Qt.callLater(home)
    onFreeChanged: panel.wall.free = panel.free
    onActiveFocusChanged: {
        if (activeFocus && Window.activeFocusItem === panel)
            Qt.callLater(home);
    }
    onVisibleChanged: {
        if (visible)
            Qt.callLater(home);
    }

    Keys.onPressed: event => {
        theme.showsFocus = true;
        const isNav = nav.hasFocus;
        if (event.key === Qt.Key_Down || event.key === Qt.Key_Right && isNav)
            panel.move(true);
        else if (event.key === Qt.Key_Up)
            panel.move(false);
        else if (event.key === Qt.Key_Left && !isNav && !panel.isAsking && !panel.showsCross)
            nav.focusCurrent();
        else if (event.key === Qt.Key_Escape || event.key === Qt.Key_F1 || event.key === Qt.Key_Back) {
            if (isNav || event.key === Qt.Key_F1)
                panel.frame.close();
            else if (panel.showsCross)
                panel.showCross(false);
            else
                nav.focusCurrent();
        }
        event.accepted = true;
    }

    Behavior on opacity {
        NumberAnimation {
            duration: 180
        }
    }

    Connections {
        function onOpenChanged() {
            panel.isEditing = false;
            panel.asksForNewPin = false;
            if (panel.frame.isOpen) {
                panel.forceActiveFocus();
                panel.home();
            }
        }

        target: panel.frame
    }

    Theme {
        id: theme

        height: panel.height
        icons: panel.frame.icons
        target: panel.frame.target
        textSize: panel.frame.textSize
        width: panel.width
    }

    // Beside the sheet: a touch there closes it.
    MouseArea {
        anchors.fill: parent

        onClicked: panel.showsCross ? panel.showCross(false) : panel.frame.close()
    }

    Rectangle {
        id: sheet

        color: theme.ground
        enabled: !calibration.visible
        height: theme.isWide ? parent.height : Math.min(parent.height, Math.max(parent.height * 0.7, theme.unit * 36))
        opacity: calibration.visible ? 0 : 1
        visible: opacity > 0
        width: theme.isWide ? Math.min(parent.width, Math.max(parent.width * 0.64, theme.unit * 40)) : parent.width
        x: theme.isWide && !panel.frame.isOpen ? -theme.unit * 2 : 0
        y: theme.isWide ? 0 : parent.height - height + (panel.frame.isOpen ? 0 : theme.unit * 2)

        Behavior on opacity {
            NumberAnimation {
                duration: 180
            }
        }
        Behavior on x {
            NumberAnimation {
                duration: 200
                easing.type: Easing.OutCubic
            }
        }
        Behavior on y {
            NumberAnimation {
                duration: 200
                easing.type: Easing.OutCubic
            }
        }

        // Nothing falls through to what lies below.
        MouseArea {
            anchors.fill: parent

            onPressed: theme.showsFocus = false
        }

        Nav {
            id: nav

            current: panel.frame.pageNumber
            height: theme.isWide ? parent.height : implicitHeight
            pages: panel.frame.pages
            theme: theme
            visible: !panel.isAsking && !panel.isEditing
            width: theme.isWide ? implicitWidth : parent.width

            onChosen: page => panel.frame.go(page)
            onEntered: panel.move(true)
        }

        Item {
            anchors.bottom: parent.bottom
            anchors.left: theme.isWide ? nav.right : parent.left
            anchors.leftMargin: theme.unit * 1.2
            anchors.right: parent.right
            anchors.rightMargin: theme.unit * 0.8
            anchors.top: theme.isWide ? parent.top : nav.bottom
            visible: !panel.isAsking && !panel.isEditing

            Text {
                id: heading

                anchors.left: parent.left
                anchors.right: closer.left
                anchors.verticalCenter: closer.verticalCenter
                color: theme.text
                elide: Text.ElideRight
                font.pixelSize: theme.unit * 1.5
                text: panel.frame.pages[panel.frame.pageNumber].title
                textFormat: Text.PlainText
            }

            PanelButton {
                id: closer

                anchors.right: parent.right
                anchors.top: parent.top
                anchors.topMargin: theme.unit * 0.5
                icon: "close"
                isFlat: true
                spoken: qsTr("Close")
                theme: theme

                onClicked: panel.frame.close()
            }

            Loader {
                id: page

                readonly property var pages: ({
                        "general": general,
                        "portraits": portraitsPage,
                        "camera": cameraPage,
                        "behaviours": behaviours,
                        "light": light,
                        "diagnostics": diagnostics,
                        "about": about
                    })

                anchors.bottom: parent.bottom
                anchors.bottomMargin: theme.unit * 0.5
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.top: closer.bottom
                anchors.topMargin: theme.unit * 0.3
                asynchronous: true
                sourceComponent: pages[panel.frame.page]
            }
        }

        PinPad {
            id: pad

            anchors.fill: parent
            focus: panel.isAsking
            isBlocked: panel.frame.isLocked && (panel.frame.mustWait || panel.frame.isChecking)
            least: panel.frame.leastDigits
            most: panel.frame.mostDigits
            theme: theme
            title: panel.asksForNewPin ? qsTr("New PIN, %1 to %2 digits").arg(least).arg(most) : panel.frame.lockText
            visible: panel.isAsking

            onCancelled: {
                if (panel.asksForNewPin)
                    panel.asksForNewPin = false;
                else
                    panel.frame.close();
            }
            onEntered: pin => {
                if (panel.asksForNewPin) {
                    panel.frame.setPin(pin);
                    panel.asksForNewPin = false;
                } else {
                    panel.frame.tryPin(pin);
                }
            }
            onVisibleChanged: panel.home()
        }

        TextEditor {
            id: editor

            anchors.fill: parent
            theme: theme
            visible: panel.isEditing

            onAccepted: text => {
                panel.isEditing = false;
                panel.answer(text);
                panel.home();
            }
            onCancelled: {
                panel.isEditing = false;
                panel.home();
            }
        }
    }

    Calibration {
        id: calibration

        anchors.fill: parent
        panel: panel
        theme: theme
        visible: panel.showsCross && !panel.isAsking

        onVisibleChanged: panel.home()
    }

    Component {
        id: general

        GeneralPage {
            name: "general"
            panel: panel
            theme: theme
        }
    }

    Component {
        id: portraitsPage

        PortraitsPage {
            panel: panel
            theme: theme
        }
    }

    Component {
        id: cameraPage

        CameraPage {
            name: "camera"
            panel: panel
            theme: theme
        }
    }

    Component {
        id: behaviours

        BehavioursPage {
            panel: panel
            theme: theme
        }
    }

    Component {
        id: light

        SettingsPage {
            name: "light"
            panel: panel
            theme: theme
        }
    }

    Component {
        id: diagnostics

        DiagnosticsPage {
            name: "diagnostics"
            panel: panel
            theme: theme
        }
    }

    Component {
        id: about

        AboutPage {
            panel: panel
            theme: theme
        }
    }
}
