pragma ComponentBehavior: Bound

// Pairs of label and text.
import QtQuick

Column {
    id: facts

    required property Theme theme
    required property var pairs
    property string title: ""

    spacing: theme.unit * 0.35
    width: parent?.width ?? 0

    Text {
        color: facts.theme.accent
        font.capitalization: Font.AllUppercase
        font.letterSpacing: facts.theme.unit * 0.08
        font.pixelSize: facts.theme.unit * 0.8
        text: facts.title
        textFormat: Text.PlainText
        topPadding: facts.theme.gap
        visible: text !== ""
    }

    Repeater {
        model: facts.pairs.length

        Row {
            id: pair

            required property int index
            readonly property var fact: facts.pairs[index] ?? ({
                    "label": "",
                    "text": ""
                })

            spacing: facts.theme.unit
            width: facts.width

            Text {
                color: facts.theme.dim
                font.pixelSize: facts.theme.unit * 0.9
                text: pair.fact.label
                textFormat: Text.PlainText
                width: parent.width * 0.42
                wrapMode: Text.WordWrap
            }

            Text {
                color: facts.theme.text
                font.pixelSize: facts.theme.unit * 0.9
                text: pair.fact.text
                textFormat: Text.PlainText
                width: parent.width * 0.58 - facts.theme.unit
                wrapMode: Text.WrapAtWordBoundaryOrAnywhere
            }
        }
    }
}
