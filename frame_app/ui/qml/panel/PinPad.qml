pragma ComponentBehavior: Bound

// Ten digits, for fingers and for keys.
import QtQuick

FocusScope {
    id: pad

    required property Theme theme
    required property string title
    required property int least
    required property int most
    property bool isBlocked: false
    property string typed: ""
    signal entered(string pin)
    signal cancelled

    function press(what: string) {
        if (pad.isBlocked)
            return;
        if (what === "<")
            pad.typed = pad.typed.slice(0, -1);
        else if (what === ">")
            pad.finish();
        else if (pad.typed.length < pad.most)
            pad.typed += what;
    }

    // From here on Return means the whole PIN, not the button that had the focus.
    function type(digit: int) {
        keyboard.forceActiveFocus();
        pad.press(String(digit));
    }

    function finish() {
        if (pad.typed.length < pad.least || pad.isBlocked)
            return;
        const pin = pad.typed;
        pad.typed = "";
        pad.entered(pin);
    }

    Keys.priority: Keys.BeforeItem
    Keys.onPressed: event => {
        if (event.key >= Qt.Key_0 && event.key <= Qt.Key_9)
            pad.type(event.key - Qt.Key_0);
        else if (event.key === Qt.Key_Backspace)
            pad.press("<");
        else if (event.key === Qt.Key_Escape)
            pad.cancelled();
        else if ((event.key === Qt.Key_Return || event.key === Qt.Key_Enter) && pad.typed !== "")
            pad.finish();
        else
            return;
        event.accepted = true;
    }

    Item {
        id: keyboard

        focus: true
    }

    Column {
        anchors.centerIn: parent
        spacing: pad.theme.unit

        Text {
            anchors.horizontalCenter: parent.horizontalCenter
            color: pad.theme.text
            font.pixelSize: pad.theme.unit * 1.3
            text: pad.title
            textFormat: Text.PlainText
        }

        Row {
            anchors.horizontalCenter: parent.horizontalCenter
            spacing: pad.theme.unit * 0.6

            Repeater {
                model: Math.max(pad.least, pad.typed.length)

                Rectangle {
                    required property int index

                    border.color: pad.theme.dim
                    border.width: 2
                    color: index < pad.typed.length ? pad.theme.accent : "transparent"
                    height: pad.theme.unit * 0.8
                    radius: height / 2
                    width: height
                }
            }
        }

        Grid {
            anchors.horizontalCenter: parent.horizontalCenter
            columns: 3
            opacity: pad.isBlocked ? 0.4 : 1
            spacing: pad.theme.unit * 0.5

            Repeater {
                model: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "<", "0", ">"]

                PanelButton {
                    required property int index
                    required property string modelData

                    height: pad.theme.row * 1.1
                    icon: modelData === "<" ? "erase" : modelData === ">" ? "done" : ""
                    isAccent: modelData === ">" && pad.typed.length >= pad.least
                    spoken: modelData === "<" ? qsTr("Erase") : modelData === ">" ? qsTr("Done") : modelData
                    text: icon === "" ? modelData : ""
                    theme: pad.theme
                    width: pad.theme.row * 1.5

                    onClicked: pad.press(modelData)
                }
            }
        }

        PanelButton {
            anchors.horizontalCenter: parent.horizontalCenter
            isFlat: true
            text: qsTr("Cancel")
            theme: pad.theme

            onClicked: pad.cancelled()
        }
    }
}
