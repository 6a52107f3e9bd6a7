#version 440
// What every pixel of a portrait needs and no pixel changes, worked out once per corner.
//
// It reaches the pixels as flat varyings and not as uniforms: llvmpipe (Mesa 22.3) gathers every
// uniform lane by lane, 42 of them in a thousand instructions, nearly half of the machine code.
// uv is 0..1 from the top left of the canvas.

layout(location = 0) in vec4 qt_Vertex;
layout(location = 1) in vec2 qt_MultiTexCoord0;

layout(location = 0) out vec4 place;       // uv; the same place, 0..1 in the item
layout(location = 1) flat out vec4 lamp;   // rgb: factors; a: how much darker the corners are
layout(location = 2) flat out vec4 shade;  // of the mat: 1 / width and height of its reach, fall,
                                           // strength
layout(location = 3) flat out vec4 seen;   // uv: where the subject may be, left, top, right, bottom
layout(location = 4) flat out vec4 heights;  // nearness: lowest and highest of plate, of subject
layout(location = 5) flat out vec4 stage;  // uv: left and top of the actor box; 1 / its size
layout(location = 6) flat out vec4 seam;   // 1 / border of the box and half a texel, in the box
layout(location = 7) flat out vec4 chest;  // uv: rise, where it begins, 1 / way until it is full;
                                           // weight of the actors
layout(location = 8) flat out vec4 ray;    // uv: way of nearness 1 against 0; steps for both layers
layout(location = 9) flat out vec4 rest;   // pivot, weight of actor B, opacity, 1 if light is dimmed
layout(location = 10) flat out vec4 across;  // as the uniforms wayAcross and wayDown
layout(location = 11) flat out vec4 down;
layout(location = 12) flat out vec4 around;  // as the uniform wayRound

layout(std140, binding = 0) uniform buf {
    mat4 qt_Matrix;      // set by Qt
    float qt_Opacity;    // 0..1, set by Qt
    float presence;      // 0..1: weight of the actors against the still subject
    float actorMix;      // 0..1: weight of actor B against actor A
    vec4 light;          // rgb 0..1: factors; a 0..1: how much darker the corners are
    vec4 lip;            // shadow of the mat on the picture: width and height of its reach and how
                         // far it falls down, all in shares of the item; a 0..1: its strength
    vec4 crop;           // x, y, width, height in uv: the part of the canvas that is shown
    vec4 box;            // left, top, right, bottom in uv: the actor box
    vec4 subjectBounds;  // left, top, right, bottom in uv: outside it the subject is transparent
    vec4 spans;          // nearness 0..1: lowest and highest of the plate, of the subject
    vec4 breath;         // uv: rise of the chest, place where it begins, place where it is full, 0
    vec4 wayAcross;      // in the box: what actor B shows at x, y lies in actor A to the right by
                         // constant + x * second + y * third, 0
    vec4 wayDown;        // the same downwards
    vec4 wayRound;       // in the box: middle of the face; 1 / reach of what is carried with it
    vec2 boxTexels;      // size of an actor's colour picture
    vec2 feather;        // uv: width of the border in which the actors give way to the still
    vec2 shift;          // uv: way of a point of nearness 1 against one of nearness 0
    vec2 steps;          // 1..16: steps of the march, for plate and subject
    float pivot;         // nearness 0..1 that stays where it is
};

void main() {
    vec2 size = box.zw - box.xy;
    vec2 reach = abs(shift) + vec2(0.0, abs(breath.x));
    bool isDimmed = light.r * light.g * light.b < 0.999 || light.a > 0.0;
    place = vec4(crop.xy + qt_MultiTexCoord0 * crop.zw, qt_MultiTexCoord0);
    lamp = light;
    shade = vec4(1.0 / max(lip.xy, vec2(1e-6)), lip.zw);
    seen = vec4(subjectBounds.xy - reach, subjectBounds.zw + reach);
    heights = spans;
    stage = vec4(box.xy, 1.0 / size);
    seam = vec4(size / feather, 0.5 / boxTexels);
    chest = vec4(breath.xy, 1.0 / max(breath.z - breath.y, 1e-6), presence);
    ray = vec4(shift, steps);
    rest = vec4(pivot, actorMix, qt_Opacity, isDimmed ? 1.0 : 0.0);
    across = wayAcross;
    down = wayDown;
    around = wayRound;
    gl_Position = qt_Matrix * qt_Vertex;
}
