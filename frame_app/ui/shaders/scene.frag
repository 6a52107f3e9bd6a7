#version 440
// A portrait: plate, still subject and actors, seen from where the viewer stands.
//
// Plate and subject are height fields behind and before the glass. Each is looked up where the ray
// from the viewer's eye meets it: a march from the nearest height down, refined by a secant, after
// Policarpo et al., "Real-Time Relief Mapping" (I3D 2005). The two are traced apart, so what the
// subject uncovers is plate and nothing stretches. The plate is traced only where it shows.
//
// Inside the actor box two video pictures, mixed, replace the still subject; towards the border of
// the box they give way to it. Video is YUV of BT.709 in limited range. Both actors lie side by side
// in one texture; lookups keep half a texel from the seam between them.
//
// Software renderers execute both sides of a branch, so what costs lookups is a loop that runs once
// less, not an `if`: that is why the actors share a texture. All lookups are textureLod, since
// control flow differs between pixels and there are no mipmaps.
// uv is 0..1 from the top left of the canvas. Colour is sRGB-encoded and premultiplied.

layout(location = 0) in vec2 qt_TexCoord0;
layout(location = 0) out vec4 fragColor;

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
    vec2 boxTexels;      // size of an actor's colour picture
    vec2 feather;        // uv: width of the border in which the actors give way to the still
    vec2 shift;          // uv: way of a point of nearness 1 against one of nearness 0
    vec2 steps;          // 0..16: steps of the march, for plate and subject; 0 takes the middle
    float pivot;         // nearness 0..1 that stays where it is
};
layout(binding = 1) uniform sampler2D plate;         // rgb
layout(binding = 2) uniform sampler2D plateDepth;    // r: nearness, 0 = farthest
layout(binding = 3) uniform sampler2D subject;       // rgba, premultiplied
layout(binding = 4) uniform sampler2D subjectDepth;  // r: nearness, on the scale of plateDepth
layout(binding = 5) uniform sampler2D luma;          // r: luma, g: matte; actor A left, B right
layout(binding = 6) uniform sampler2D chroma;        // rg: Cb, Cr of colour, A left, B right

// Where the ray through uv meets the height field of `depth`, whose heights are low..high.
vec2 trace(sampler2D depth, vec2 uv, float low, float high, float count) {
    if (count < 0.5)
        return uv + shift * (0.5 * (low + high) - pivot);
    float stride = (high - low) / count;
    float above = high;
    float gapAbove = above - textureLod(depth, uv + shift * (above - pivot), 0.0).r;
    for (float number = 1.0; number <= count; number += 1.0) {
        float below = high - number * stride;
        float gapBelow = below - textureLod(depth, uv + shift * (below - pivot), 0.0).r;
        if (gapBelow <= 0.0) {
            float share = gapAbove / max(gapAbove - gapBelow, 1e-5);
            return uv + shift * (mix(above, below, share) - pivot);
        }
        above = below;
        gapAbove = gapBelow;
    }
    return uv + shift * (low - pivot);
}

// The actor in `slot`, 0 or 1, at `at`, 0..1 in the box; premultiplied.
vec4 actor(float slot, vec2 at) {
    vec2 margin = 0.5 / boxTexels;
    vec2 inner = clamp(at, margin, 1.0 - margin);
    vec2 pair = textureLod(luma, vec2(0.5 * (inner.x + slot), inner.y), 0.0).rg;
    inner = clamp(at, 2.0 * margin, 1.0 - 2.0 * margin);
    vec2 c = textureLod(chroma, vec2(0.5 * (inner.x + slot), inner.y), 0.0).rg;
    pair = pair * (255.0 / 219.0) - 16.0 / 219.0;
    c = c * (255.0 / 224.0) - 128.0 / 224.0;
    float y = pair.r;
    float alpha = clamp(pair.g, 0.0, 1.0);
    vec3 colour = vec3(y + 1.5748 * c.y, y - 0.187324 * c.x - 0.468124 * c.y, y + 1.8556 * c.x);
    return vec4(clamp(colour, 0.0, 1.0) * alpha, alpha);
}

// Both actors, mixed; the second is looked up only while there are two.
vec4 actors(vec2 at) {
    vec4 sum = vec4(0.0);
    float last = actorMix > 0.0 ? 1.0 : 0.0;
    for (float slot = actorMix < 1.0 ? 0.0 : 1.0; slot <= last; slot += 1.0)
        sum += actor(slot, at) * (slot < 0.5 ? 1.0 - actorMix : actorMix);
    return sum;
}

// The subject at `uv`: the still, and in the box the actors in its place.
vec4 person(vec2 uv) {
    uv.y += breath.x * smoothstep(breath.y, breath.z, uv.y);
    vec2 border = min(uv - box.xy, box.zw - uv) / feather;
    float weight = presence * smoothstep(0.0, 1.0, min(border.x, border.y));
    vec4 moving = actors((uv - box.xy) / (box.zw - box.xy));
    return mix(textureLod(subject, uv, 0.0), moving, weight);
}

// What the light leaves of a colour at `at`, 0..1 in the item: lamp, dark corners, shadow of the
// mat along the edges, more of it below the upper one. Corners after the fourth power of a lens.
vec3 lighting(vec2 at) {
    vec2 off = at - 0.5;
    float corner = dot(off, off) * 2.0;
    float shade = 1.0 - light.a * corner * corner;
    if (lip.a > 0.0) {
        vec2 depth = vec2(min(at.x, 1.0 - at.x), min(at.y - lip.z, 1.0 - at.y)) / lip.xy;
        vec2 open = smoothstep(vec2(-0.4), vec2(1.0), depth);
        shade *= 1.0 - lip.a * (1.0 - open.x * open.y);
    }
    return light.rgb * shade;
}

// Less than half a step of eight bits, fixed to the screen: dimmed gradients would show as bands.
// Interleaved gradient noise after Jimenez, "Next Generation Post Processing in Call of Duty"
// (SIGGRAPH 2014). None at full light, where every value is one of the picture's own.
float dither() {
    float share = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
    float isDimmed = light.r * light.g * light.b < 0.999 || light.a > 0.0 ? 1.0 : 0.0;
    return isDimmed * (share - 0.5) / 255.0;
}

void main() {
    vec2 uv = crop.xy + qt_TexCoord0 * crop.zw;
    vec4 near = vec4(0.0);
    vec2 reach = abs(shift) + vec2(0.0, abs(breath.x));
    vec2 low = subjectBounds.xy - reach;
    vec2 high = subjectBounds.zw + reach;
    if (uv.x >= low.x && uv.y >= low.y && uv.x <= high.x && uv.y <= high.y)
        near = person(trace(subjectDepth, uv, spans.z, spans.w, steps.y));
    vec3 colour = near.rgb;
    if (near.a < 0.998)
        colour += (1.0 - near.a)
            * textureLod(plate, trace(plateDepth, uv, spans.x, spans.y, steps.x), 0.0).rgb;
    fragColor = vec4(colour * lighting(qt_TexCoord0) + dither(), 1.0) * qt_Opacity;
}
