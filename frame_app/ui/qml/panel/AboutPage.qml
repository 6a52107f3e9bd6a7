// Where the portrait on the wall is from, and what the frame consists of.
import QtQuick

Page {
    id: page

    required property var panel

    Text {
        color: page.theme.text
        font.pixelSize: page.theme.unit * 1.05
        lineHeight: 1.15
        text: qsTr("A picture frame that is alive. Everything happens in this machine: no cloud, no account, no network.")
        textFormat: Text.PlainText
        width: parent.width
        wrapMode: Text.WordWrap
    }

    Facts {
        pairs: page.panel.facts.origin
        theme: page.theme
        title: qsTr("The portrait on the wall")
        visible: pairs.length > 0
    }

    Facts {
        pairs: page.panel.facts.engines
        theme: page.theme
        title: qsTr("How it was made")
        visible: pairs.length > 0
    }

    Facts {
        pairs: page.panel.facts.parts
        theme: page.theme
        title: qsTr("Parts and their licences")
    }

    // The arrow keys scroll a page on which nothing can be pressed.
    Item {
        activeFocusOnTab: true
        height: page.theme.unit
        width: parent.width

        Keys.onUpPressed: event => {
            event.accepted = page.contentY > 0;
            page.contentY = Math.max(0, page.contentY - page.height * 0.3);
        }
        Keys.onDownPressed: page.contentY = Math.min(Math.max(0, page.contentHeight - page.height), page.contentY + page.height * 0.3)
    }
}
