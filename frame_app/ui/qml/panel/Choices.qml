pragma ComponentBehavior: Bound

// Some values side by side, of which one or several are chosen; colours show as what they are.
import QtQuick

Flow {
    id: choices

    required property Theme theme
    required property var options
    property bool areColours: false
    signal picked(string value)

    spacing: theme.unit * 0.35

    Repeater {
        id: chips

        // The number only: a chosen value must not make the chips anew under the finger.
        model: choices.options.length

        Rectangle {
            id: chip

            required property int index
            readonly property var option: choices.options[index] ?? ({
                    "value": "",
                    "text": "",
                    "on": false
                })
            readonly property bool isOn: option.on

            Accessible.checked: isOn
            Accessible.name: option.text
            Accessible.role: Accessible.RadioButton
            activeFocusOnTab: true
            border.color: choices.areColours ? choices.theme.line : "transparent"
            border.width: 1
            color: choices.areColours ? option.value || "#000000" : isOn ? choices.theme.accent : choices.theme.raised
            height: choices.theme.target
            radius: choices.theme.round
            width: choices.areColours ? height : Math.max(height, word.implicitWidth + choices.theme.unit * 1.2)

            Keys.onReturnPressed: choices.picked(chip.option.value)
            Keys.onEnterPressed: choices.picked(chip.option.value)
            Keys.onSpacePressed: choices.picked(chip.option.value)
            Keys.onLeftPressed: event => {
                event.accepted = chip.index > 0;
                if (chip.index > 0)
                    chips.itemAt(chip.index - 1).forceActiveFocus();
            }
            Keys.onRightPressed: {
                if (chip.index < chips.count - 1)
                    chips.itemAt(chip.index + 1).forceActiveFocus();
            }

            Behavior on color {
                enabled: !choices.areColours

                ColorAnimation {
                    duration: choices.theme.quick
                }
            }

            Text {
                id: word

                anchors.centerIn: parent
                color: chip.isOn ? choices.theme.inkOnAccent : choices.theme.text
                font.pixelSize: choices.theme.unit
                text: chip.option.text
                textFormat: Text.PlainText
                visible: !choices.areColours
            }

            Rectangle {
                anchors.centerIn: parent
                border.color: "#80000000"
                border.width: 1
                color: choices.theme.accent
                height: choices.theme.unit * 0.8
                radius: height / 2
                visible: choices.areColours && chip.isOn
                width: height
            }

            FocusRing {
                isFocused: chip.activeFocus
                theme: choices.theme
            }

            MouseArea {
                anchors.fill: parent

                onClicked: {
                    chip.forceActiveFocus();
                    choices.picked(chip.option.value);
                }
            }
        }
    }
}
