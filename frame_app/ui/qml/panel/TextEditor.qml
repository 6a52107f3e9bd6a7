pragma ComponentBehavior: Bound

// One line of text, by a keyboard on the table or by the one drawn here.
import QtQuick

FocusScope {
    id: editor

    required property Theme theme
    property string title: ""
    property alias text: field.text
    property bool isUpper: false
    readonly property bool isGerman: Qt.locale().name.startsWith("de")
    signal accepted(string text)
    signal cancelled

    function begin(title: string, text: string) {
        editor.title = title;
        field.text = text;
        field.forceActiveFocus();
        field.selectAll();
        editor.isUpper = text === "";
    }

    function press(key: string) {
        field.insert(field.cursorPosition, editor.isUpper ? key.toUpperCase() : key);
        editor.isUpper = false;
    }

    Keys.onEscapePressed: editor.cancelled()

    Column {
        anchors.centerIn: parent
        spacing: editor.theme.unit * 0.8
        width: Math.min(parent.width - editor.theme.unit * 2, editor.theme.unit * 40)

        Text {
            color: editor.theme.dim
            font.pixelSize: editor.theme.unit
            text: editor.title
            textFormat: Text.PlainText
        }

        Rectangle {
            border.color: editor.theme.accent
            border.width: 2
            color: editor.theme.raised
            height: editor.theme.row
            radius: editor.theme.round
            width: parent.width

            TextInput {
                id: field

                anchors.fill: parent
                anchors.leftMargin: editor.theme.unit * 0.8
                anchors.rightMargin: editor.theme.unit * 0.8
                activeFocusOnTab: true
                clip: true
                color: editor.theme.text
                focus: true
                font.pixelSize: editor.theme.unit * 1.2
                maximumLength: 200
                selectByMouse: true
                selectionColor: editor.theme.accent
                selectedTextColor: editor.theme.inkOnAccent
                verticalAlignment: TextInput.AlignVCenter

                onAccepted: editor.accepted(text)
            }
        }

        Column {
            id: keys

            readonly property var lines: editor.isGerman ? ["1234567890ß", "qwertzuiopü", "asdfghjklöä", "yxcvbnm,.-/"] : ["1234567890", "qwertyuiop", "asdfghjkl'", "zxcvbnm,.-/"]
            readonly property real keyWidth: (width + editor.theme.unit * 0.25) / 11 - editor.theme.unit * 0.25

            spacing: editor.theme.unit * 0.25
            width: parent.width

            Repeater {
                model: keys.lines

                Row {
                    id: line

                    required property string modelData

                    anchors.horizontalCenter: parent.horizontalCenter
                    spacing: editor.theme.unit * 0.25

                    Repeater {
                        model: line.modelData.length

                        PanelButton {
                            required property int index
                            readonly property string key: line.modelData.charAt(index)

                            activeFocusOnTab: false
                            text: editor.isUpper ? key.toUpperCase() : key
                            theme: editor.theme
                            width: keys.keyWidth

                            onClicked: {
                                editor.press(key);
                                field.forceActiveFocus();
                            }
                        }
                    }
                }
            }

            Row {
                anchors.horizontalCenter: parent.horizontalCenter
                spacing: editor.theme.unit * 0.25

                PanelButton {
                    activeFocusOnTab: false
                    icon: "shift"
                    isChosen: editor.isUpper
                    spoken: qsTr("Capitals")
                    theme: editor.theme
                    width: keys.keyWidth * 2

                    onClicked: editor.isUpper = !editor.isUpper
                }

                PanelButton {
                    activeFocusOnTab: false
                    spoken: qsTr("Space")
                    text: " "
                    theme: editor.theme
                    width: keys.keyWidth * 5

                    onClicked: editor.press(" ")
                }

                PanelButton {
                    activeFocusOnTab: false
                    icon: "erase"
                    spoken: qsTr("Erase")
                    theme: editor.theme
                    width: keys.keyWidth * 2

                    onClicked: {
                        if (field.selectedText !== "")
                            field.remove(field.selectionStart, field.selectionEnd);
                        else
                            field.remove(field.cursorPosition - 1, field.cursorPosition);
                        field.forceActiveFocus();
                    }
                }
            }
        }

        Row {
            anchors.right: parent.right
            spacing: editor.theme.gap

            PanelButton {
                isFlat: true
                text: qsTr("Cancel")
                theme: editor.theme

                onClicked: editor.cancelled()
            }

            PanelButton {
                icon: "done"
                isAccent: true
                text: qsTr("Keep")
                theme: editor.theme

                onClicked: editor.accepted(field.text)
            }
        }
    }
}
