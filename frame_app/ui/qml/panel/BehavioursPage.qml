pragma ComponentBehavior: Bound

// Which rules act, how often, and how long they rest in between.
import QtQuick

Page {
    id: page

    required property var panel
    readonly property var rules: panel.rules.rows

    Text {
        color: page.theme.dim
        font.pixelSize: page.theme.unit * 0.85
        text: qsTr("What the portrait answers, and what it does by itself. The first rule that fits acts.")
        textFormat: Text.PlainText
        width: parent.width
        wrapMode: Text.WordWrap
    }

    // The file was edited and cannot be used: file, line and reason, until it is mended.
    Text {
        color: page.theme.warning
        font.pixelSize: page.theme.unit * 0.9
        text: qsTr("The behaviours stay as they were: %1").arg(page.panel.rules.fault)
        textFormat: Text.PlainText
        visible: page.panel.rules.fault !== ""
        width: parent.width
        wrapMode: Text.Wrap
    }

    Repeater {
        model: page.rules.length

        Column {
            id: entry

            required property int index
            readonly property var rule: page.rules[index]
            property bool isUnfolded: false

            spacing: page.theme.unit * 0.2
            width: parent.width

            Item {
                height: Math.max(page.theme.target, texts.height) + page.theme.unit * 0.3
                width: parent.width

                Column {
                    id: texts

                    anchors.left: parent.left
                    anchors.right: tune.left
                    anchors.rightMargin: page.theme.unit * 0.5
                    anchors.verticalCenter: parent.verticalCenter

                    Text {
                        color: entry.rule.isOn ? page.theme.text : page.theme.dim
                        font.pixelSize: page.theme.unit * 1.05
                        text: entry.rule.title
                        textFormat: Text.PlainText
                        width: parent.width
                        wrapMode: Text.WordWrap
                    }

                    Text {
                        color: page.theme.dim
                        font.pixelSize: page.theme.unit * 0.78
                        text: entry.rule.isAlways ? qsTr("%1 · always · rests\u00a0%2").arg(entry.rule.answers).arg(entry.rule.pauseText) : qsTr("%1 · %2 of the time · rests\u00a0%3").arg(entry.rule.answers).arg(entry.rule.shareText).arg(entry.rule.pauseText)
                        textFormat: Text.PlainText
                        width: parent.width
                        wrapMode: Text.WordWrap
                    }
                }

                PanelButton {
                    id: tune

                    anchors.right: toggle.left
                    anchors.verticalCenter: parent.verticalCenter
                    icon: entry.isUnfolded ? "less" : "more"
                    isFlat: true
                    spoken: qsTr("Adjust")
                    theme: page.theme

                    onClicked: entry.isUnfolded = !entry.isUnfolded
                }

                Toggle {
                    id: toggle

                    anchors.right: parent.right
                    anchors.verticalCenter: parent.verticalCenter
                    isOn: entry.rule.isOn
                    spoken: entry.rule.title
                    theme: page.theme

                    onToggled: entry.rule.toggle()
                }
            }

            Loader {
                active: entry.isUnfolded
                sourceComponent: dials
                visible: active
                width: parent.width
            }

            Component {
                id: dials

                Column {
                    Repeater {
                        model: [qsTr("How often"), qsTr("Rests for")]

                        Item {
                            id: dial

                            required property int index
                            required property string modelData
                            readonly property bool isShare: index === 0

                            height: page.theme.target
                            width: entry.width

                            Text {
                                anchors.verticalCenter: parent.verticalCenter
                                color: page.theme.dim
                                font.pixelSize: page.theme.unit * 0.9
                                text: dial.modelData
                                textFormat: Text.PlainText
                            }

                            Stops {
                                anchors.right: parent.right
                                count: dial.isShare ? entry.rule.shares : entry.rule.pauses
                                position: dial.isShare ? entry.rule.share : entry.rule.pause
                                spoken: dial.modelData
                                text: dial.isShare ? entry.rule.shareText : entry.rule.pauseText
                                theme: page.theme
                                width: parent.width * 0.68

                                onMoved: position => {
                                    if (dial.isShare)
                                        entry.rule.shareTo(position);
                                    else
                                        entry.rule.pauseTo(position);
                                }
                            }
                        }
                    }
                }
            }

            Rectangle {
                color: page.theme.line
                height: 1
                width: parent.width
            }
        }
    }
}
