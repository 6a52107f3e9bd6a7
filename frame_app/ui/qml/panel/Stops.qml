// A slider that rests at stops; what they mean is said by whoever knows.
import QtQuick

Item {
    id: stops

    required property Theme theme
    required property int position
    required property int count
    required property string text
    property bool wraps: false
    property string spoken: ""
    readonly property real share: count > 1 ? position / (count - 1) : 0
    signal moved(int position)

    function step(by: int) {
        const to = stops.position + by;
        if (stops.wraps)
            stops.moved((to + stops.count) % stops.count);
        else if (to >= 0 && to < stops.count)
            stops.moved(to);
    }

    Accessible.name: spoken + ", " + text
    Accessible.role: Accessible.Slider
    activeFocusOnTab: true
    height: theme.target
    implicitWidth: theme.unit * 16

    Keys.onLeftPressed: stops.step(-1)
    Keys.onRightPressed: stops.step(1)
    Keys.onPressed: event => {
        const big = Math.max(1, Math.round(stops.count / 10));
        if (event.key === Qt.Key_PageUp || event.key === Qt.Key_Plus)
            stops.moved(Math.min(stops.count - 1, stops.position + big));
        else if (event.key === Qt.Key_PageDown || event.key === Qt.Key_Minus)
            stops.moved(Math.max(0, stops.position - big));
        else
            return;
        event.accepted = true;
    }

    Text {
        id: label

        anchors.right: more.left
        anchors.verticalCenter: parent.verticalCenter
        color: stops.theme.text
        font.pixelSize: stops.theme.unit
        fontSizeMode: Text.HorizontalFit
        horizontalAlignment: Text.AlignHCenter
        leftPadding: stops.theme.unit * 0.3
        minimumPixelSize: stops.theme.unit * 0.6
        rightPadding: stops.theme.unit * 0.3
        text: stops.text
        textFormat: Text.PlainText
        width: stops.theme.unit * 5.6
    }

    Nudge {
        id: less

        anchors.right: label.left
        sign: "\u2212"
        theme: stops.theme

        onNudged: {
            stops.forceActiveFocus();
            stops.step(-1);
        }
    }

    Nudge {
        id: more

        anchors.right: parent.right
        sign: "+"
        theme: stops.theme

        onNudged: {
            stops.forceActiveFocus();
            stops.step(1);
        }
    }

    Item {
        id: way

        readonly property real knob: stops.theme.unit * 1.5

        anchors.bottom: parent.bottom
        anchors.left: parent.left
        anchors.right: less.left
        anchors.rightMargin: stops.theme.unit * 0.7
        anchors.top: parent.top

        Rectangle {
            anchors.verticalCenter: parent.verticalCenter
            color: stops.theme.pressed
            height: stops.theme.unit * 0.3
            radius: height / 2
            width: parent.width

            Rectangle {
                color: stops.theme.accent
                height: parent.height
                radius: height / 2
                width: knob.x + knob.width / 2
            }
        }

        Rectangle {
            id: knob

            anchors.verticalCenter: parent.verticalCenter
            color: stops.theme.text
            height: way.knob
            radius: height / 2
            scale: area.pressed ? 1.15 : 1
            width: height
            x: stops.share * (way.width - width)

            Behavior on scale {
                NumberAnimation {
                    duration: stops.theme.quick
                }
            }

            FocusRing {
                isFocused: stops.activeFocus
                radius: height / 2
                theme: stops.theme
            }
        }

        MouseArea {
            id: area

            function go(x: real) {
                const share = (x - way.knob / 2) / Math.max(1, way.width - way.knob);
                const to = Math.round(Math.min(1, Math.max(0, share)) * (stops.count - 1));
                if (to !== stops.position)
                    stops.moved(to);
            }

            // Whoever drags up or down scrolls the page, even if the finger came down here.
            property real fromX: 0
            property bool isDragged: false

            anchors.fill: parent
            preventStealing: isDragged

            onClicked: mouse => {
                stops.forceActiveFocus();
                go(mouse.x);
            }
            onPositionChanged: mouse => {
                if (Math.abs(mouse.x - fromX) > stops.theme.unit * 0.35)
                    isDragged = true;
                if (isDragged)
                    go(mouse.x);
            }
            onPressed: mouse => {
                fromX = mouse.x;
                isDragged = false;
            }
            onReleased: isDragged = false
        }
    }
}
