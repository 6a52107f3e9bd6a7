pragma ComponentBehavior: Bound

// One setting: title, help, and the control that fits its kind.
import QtQuick

Item {
    id: view

    required property Theme theme
    required property var setting
    required property var panel
    readonly property bool isBeside: setting.kindName === "switch" || (width > theme.unit * 30 && setting.kindName !== "colour" && setting.kindName !== "set")
    readonly property real controlWidth: setting.kindName === "switch" ? control.implicitWidth : isBeside ? width * 0.5 : width

    implicitHeight: isBeside ? Math.max(texts.height, control.height) + theme.gap : texts.height + control.height + theme.gap * 1.4

    Column {
        id: texts

        spacing: view.theme.unit * 0.15
        width: view.isBeside ? view.width - view.controlWidth - view.theme.unit : view.width
        y: view.isBeside ? Math.max(0, (view.height - view.theme.gap - height) / 2) : 0

        Text {
            color: view.theme.text
            font.pixelSize: view.theme.unit * 1.05
            text: view.setting.title
            textFormat: Text.PlainText
            width: parent.width
            wrapMode: Text.WordWrap
        }

        Text {
            color: view.theme.dim
            font.pixelSize: view.theme.unit * 0.78
            lineHeight: 1.1
            text: view.setting.help
            textFormat: Text.PlainText
            width: parent.width
            wrapMode: Text.WordWrap
        }
    }

    Loader {
        id: control

        anchors.right: parent.right
        sourceComponent: ({
                "switch": toggle,
                "number": stops,
                "time": stops,
                "choice": choices,
                "set": choices,
                "colour": choices
            })[view.setting.kindName] ?? words
        width: view.controlWidth
        y: view.isBeside ? Math.max(0, (view.height - view.theme.gap - height) / 2) : texts.height + view.theme.gap * 0.4
    }

    Component {
        id: toggle

        Toggle {
            isOn: view.setting.isOn
            spoken: view.setting.title
            theme: view.theme

            onToggled: view.setting.toggle()
        }
    }

    Component {
        id: stops

        Stops {
            count: view.setting.count
            position: view.setting.position
            spoken: view.setting.title
            text: view.setting.text
            theme: view.theme
            width: view.controlWidth
            wraps: view.setting.kindName === "time"

            onMoved: position => view.setting.moveTo(position)
        }
    }

    Component {
        id: choices

        Choices {
            areColours: view.setting.kindName === "colour"
            options: view.setting.choices
            theme: view.theme
            width: view.controlWidth

            onPicked: value => view.setting.pick(value)
        }
    }

    Component {
        id: words

        PanelButton {
            spoken: view.setting.title
            text: view.setting.text
            theme: view.theme

            onClicked: view.panel.edit(view.setting.title, view.setting.text, text => view.setting.pick(text))
        }
    }
}
