pragma ComponentBehavior: Bound

// How the frame is doing; all settings into one file and back.
import QtQuick

SettingsPage {
    id: page

    readonly property var facts: panel.facts

    head: Column {
        spacing: page.theme.gap

        Facts {
            pairs: page.facts.facts
            theme: page.theme
        }

        Text {
            color: page.theme.accent
            font.capitalization: Font.AllUppercase
            font.letterSpacing: page.theme.unit * 0.08
            font.pixelSize: page.theme.unit * 0.8
            text: qsTr("All settings in one file")
            textFormat: Text.PlainText
            topPadding: page.theme.gap
        }

        Text {
            color: page.theme.dim
            font.pixelSize: page.theme.unit * 0.78
            text: qsTr("On a stick if one is plugged in, else in the home folder. The PIN is not in it.")
            textFormat: Text.PlainText
            width: parent.width
            wrapMode: Text.WordWrap
        }

        Flow {
            spacing: page.theme.gap
            width: parent.width

            PanelButton {
                icon: "export"
                text: qsTr("Export")
                theme: page.theme

                onClicked: page.facts.exportAll()
            }

            PanelButton {
                icon: "import"
                text: qsTr("Import")
                theme: page.theme

                onClicked: page.facts.importAll()
            }
        }

        Text {
            color: page.theme.text
            font.pixelSize: page.theme.unit * 0.9
            text: page.facts.result
            textFormat: Text.PlainText
            visible: text !== ""
            width: parent.width
            wrapMode: Text.WrapAtWordBoundaryOrAnywhere
        }

        Text {
            color: page.theme.accent
            font.capitalization: Font.AllUppercase
            font.letterSpacing: page.theme.unit * 0.08
            font.pixelSize: page.theme.unit * 0.8
            text: qsTr("Last messages")
            textFormat: Text.PlainText
            topPadding: page.theme.gap
        }

        Text {
            color: page.theme.dim
            font.pixelSize: page.theme.unit * 0.72
            lineHeight: 1.2
            text: page.facts.log || qsTr("None.")
            textFormat: Text.PlainText
            width: parent.width
            wrapMode: Text.WrapAtWordBoundaryOrAnywhere
        }
    }
}
