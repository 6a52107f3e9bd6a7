// One portrait. Its properties are the uniforms of scene.vert and the samplers of scene.frag, which
// say what they mean.
import QtQuick

ShaderEffect {
    property vector4d light: Qt.vector4d(1, 1, 1, 0)
    property vector4d lip: Qt.vector4d(0, 0, 0, 0)
    property real presence: 0
    property real actorMix: 0
    property vector4d crop: Qt.vector4d(0, 0, 1, 1)
    property vector4d box: Qt.vector4d(0, 0, 1, 1)
    property vector4d subjectBounds: Qt.vector4d(0, 0, 0, 0)
    property vector4d spans: Qt.vector4d(0, 1, 0, 1)
    property vector4d breath: Qt.vector4d(0, 0, 1, 0)
    property vector4d wayAcross: Qt.vector4d(0, 0, 0, 0)
    property vector4d wayDown: Qt.vector4d(0, 0, 0, 0)
    property vector4d wayRound: Qt.vector4d(0, 0, 0, 0)
    property vector2d boxTexels: Qt.vector2d(2, 2)
    property vector2d feather: Qt.vector2d(0.01, 0.01)
    property vector2d shift: Qt.vector2d(0, 0)
    property vector2d steps: Qt.vector2d(1, 1)
    property real pivot: 0.5

    property Item plate
    property Item plateDepth
    property Item subject
    property Item subjectDepth
    property Item luma
    property Item chroma

    blending: opacity < 1
    visible: false
    fragmentShader: Qt.resolvedUrl("../shaders/scene.frag.qsb")
    vertexShader: Qt.resolvedUrl("../shaders/scene.vert.qsb")

    MatEdge {
        objectName: "edge"
    }
}
