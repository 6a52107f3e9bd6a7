// A page that scrolls, and follows the keyboard.
import QtQuick

Flickable {
    id: page

    required property Theme theme
    default property alias entries: column.data
    readonly property Item focused: page.Window.activeFocusItem

    boundsBehavior: Flickable.StopAtBounds
    clip: true
    contentHeight: column.height + theme.unit * 2
    contentWidth: width
    flickableDirection: Flickable.VerticalFlick

    function isInside(item: Item): bool {
        for (let at = item; at !== null; at = at.parent)
            if (at === column)
                return true;
        return false;
    }

    onFocusedChanged: {
        if (focused === null || !isInside(focused))
            return;
        const top = focused.mapToItem(column, 0, 0).y - theme.unit * 2;
        const bottom = top + focused.height + theme.unit * 4;
        if (top < contentY)
            glide.to = Math.max(0, top);
        else if (bottom > contentY + height)
            glide.to = Math.min(contentHeight - height, bottom - height);
        else
            return;
        glide.restart();
    }

    NumberAnimation {
        id: glide

        duration: page.theme.quick
        easing.type: Easing.OutCubic
        property: "contentY"
        target: page
    }

    Column {
        id: column

        spacing: page.theme.gap
        width: page.width - page.theme.unit * 1.2
    }

    Rectangle {
        color: page.theme.dim
        height: Math.max(page.theme.unit * 2, page.height * page.visibleArea.heightRatio)
        opacity: page.moving || glide.running ? 0.8 : 0.3
        parent: page
        radius: width / 2
        visible: page.visibleArea.heightRatio < 1
        width: page.theme.unit * 0.2
        x: page.width - width
        y: page.visibleArea.yPosition * page.height

        Behavior on opacity {
            NumberAnimation {
                duration: 300
            }
        }
    }
}
