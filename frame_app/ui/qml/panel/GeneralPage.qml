pragma ComponentBehavior: Bound

// Language, picture, window, movement; and the PIN.
import QtQuick

SettingsPage {
    id: page

    foot: Column {
        spacing: page.theme.gap

        Text {
            color: page.theme.text
            font.pixelSize: page.theme.unit * 1.05
            text: qsTr("PIN")
            textFormat: Text.PlainText
        }

        Text {
            color: page.theme.dim
            font.pixelSize: page.theme.unit * 0.78
            text: qsTr("Asked for before this panel opens, so that guests leave it alone.")
            textFormat: Text.PlainText
            width: parent.width
            wrapMode: Text.WordWrap
        }

        Row {
            spacing: page.theme.gap

            PanelButton {
                icon: "lock"
                text: page.panel.hasPin ? qsTr("Another PIN") : qsTr("Set a PIN")
                theme: page.theme

                onClicked: page.panel.askForNewPin()
            }

            PanelButton {
                text: qsTr("Remove")
                theme: page.theme
                visible: page.panel.hasPin

                onClicked: page.panel.removePin()
            }
        }
    }
}
