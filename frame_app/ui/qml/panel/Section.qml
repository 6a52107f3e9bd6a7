pragma ComponentBehavior: Bound

// The settings of one table; those for experts on request.
import QtQuick

Column {
    id: section

    required property Theme theme
    required property var panel
    required property var settings
    property bool showsAll: false
    readonly property bool hasMore: settings.some(setting => setting.isExpert)

    spacing: theme.gap
    width: parent?.width ?? 0

    Text {
        color: section.theme.accent
        font.capitalization: Font.AllUppercase
        font.letterSpacing: section.theme.unit * 0.08
        font.pixelSize: section.theme.unit * 0.8
        text: section.settings[0].section
        textFormat: Text.PlainText
        topPadding: section.theme.gap
        visible: text !== ""
    }

    Repeater {
        model: section.settings.length

        Loader {
            id: place

            required property int index
            readonly property var setting: section.settings[index]

            active: setting !== undefined && (section.showsAll || !setting.isExpert)
            sourceComponent: row
            visible: active
            width: section.width

            Component {
                id: row

                SettingView {
                    panel: section.panel
                    setting: place.setting
                    theme: section.theme
                    width: section.width
                }
            }
        }
    }

    PanelButton {
        icon: section.showsAll ? "less" : "more"
        isFlat: true
        text: section.showsAll ? qsTr("Fewer settings") : qsTr("More settings")
        theme: section.theme
        visible: section.hasMore

        onClicked: section.showsAll = !section.showsAll
    }

    Rectangle {
        color: section.theme.line
        height: 1
        width: parent.width
    }
}
