pragma ComponentBehavior: Bound

// The sections of a page that consists of settings alone, with what it has besides on top.
import QtQuick

Page {
    id: page

    required property var panel
    required property string name
    property Component head: null
    property Component foot: null
    readonly property var sections: panel.sectionsOf(name)

    Loader {
        sourceComponent: page.head
        visible: page.head !== null
        width: parent?.width ?? 0
    }

    Repeater {
        model: page.sections

        Section {
            required property var modelData

            panel: page.panel
            settings: modelData
            theme: page.theme
        }
    }

    Loader {
        sourceComponent: page.foot
        visible: page.foot !== null
        width: parent?.width ?? 0
    }
}
