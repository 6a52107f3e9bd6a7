// The edge of the mat around a picture: the bevelled cut of cardboard, or a thin line.
import QtQuick
import QtQuick.Shapes

Item {
    id: edge

    property string style: "plain"
    property color mat: "#16130f"
    property vector4d light: Qt.vector4d(1, 1, 1, 0)
    property real thickness: 6

    // Paper of brightness `share`, 0..1, as the lamp shows it.
    function paper(share: real): color {
        return Qt.rgba(0.97 * share * edge.light.x, 0.95 * share * edge.light.y, 0.9 * share * edge.light.z, 1);
    }

    function gilt(share: real): real {
        return 0.4 * share + 0.45;
    }

    anchors.fill: parent

    // Light falls from above: the upper cut lies in shade, the lower one catches it.
    Shape {
        anchors.fill: parent
        anchors.margins: -edge.thickness
        visible: edge.style === "bevel"

        ShapePath {
            fillColor: edge.paper(0.66)
            strokeWidth: -1

            PathPolyline {
                path: [Qt.point(0, 0), Qt.point(edge.width + 2 * edge.thickness, 0), Qt.point(edge.width + edge.thickness, edge.thickness), Qt.point(edge.thickness, edge.thickness), Qt.point(0, 0)]
            }
        }

        ShapePath {
            fillColor: edge.paper(1)
            strokeWidth: -1

            PathPolyline {
                path: [Qt.point(0, edge.height + 2 * edge.thickness), Qt.point(edge.thickness, edge.height + edge.thickness), Qt.point(edge.width + edge.thickness, edge.height + edge.thickness), Qt.point(edge.width + 2 * edge.thickness, edge.height + 2 * edge.thickness), Qt.point(0, edge.height + 2 * edge.thickness)]
            }
        }

        ShapePath {
            fillColor: edge.paper(0.8)
            strokeWidth: -1

            PathPolyline {
                path: [Qt.point(0, 0), Qt.point(edge.thickness, edge.thickness), Qt.point(edge.thickness, edge.height + edge.thickness), Qt.point(0, edge.height + 2 * edge.thickness), Qt.point(0, 0)]
            }
        }

        ShapePath {
            fillColor: edge.paper(0.86)
            strokeWidth: -1

            PathPolyline {
                path: [Qt.point(edge.width + 2 * edge.thickness, 0), Qt.point(edge.width + 2 * edge.thickness, edge.height + 2 * edge.thickness), Qt.point(edge.width + edge.thickness, edge.height + edge.thickness), Qt.point(edge.width + edge.thickness, edge.thickness), Qt.point(edge.width + 2 * edge.thickness, 0)]
            }
        }
    }

    Rectangle {
        anchors.fill: parent
        anchors.margins: -3 * edge.thickness
        border.color: Qt.rgba(edge.gilt(edge.mat.r) * edge.light.x, edge.gilt(edge.mat.g) * 0.92 * edge.light.y, edge.gilt(edge.mat.b) * 0.72 * edge.light.z, 1)
        border.width: Math.max(1, Math.round(edge.thickness / 3))
        color: "transparent"
        visible: edge.style === "line"
    }
}
