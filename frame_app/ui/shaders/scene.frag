#version 440
// A portrait: plate, still subject and actors, seen from where the viewer stands.
//
// Plate and subject are height fields behind and before the glass. Each is looked up where the ray
// from the viewer's eye meets it: a march from the nearest height down, refined by a secant, after
// Policarpo et al., "Real-Time Relief Mapping" (I3D 2005). The two are traced apart, so what the
// subject uncovers is plate and nothing stretches. The plate is traced only where it shows.
//
// Inside the actor box two video pictures, morphed into one, replace the still subject; towards the
// border of the box they give way to it. Video is YUV of BT.709 in limited range. Both actors lie
// side by side in one texture; lookups keep half a texel from the seam between them.
//
// Software renderers execute both sides of a branch, so what costs lookups is a loop that runs once
// less, not an `if`: that is why the actors share a texture. Their loops run to the end even when
// they are left at the top, so each is left at its bottom. All lookups are textureLod, since
// control flow differs between pixels and there are no mipmaps.
// uv is 0..1 from the top left of the canvas. Colour is sRGB-encoded and premultiplied.

layout(location = 0) in vec4 place;  // this and the others: see scene.vert
layout(location = 1) flat in vec4 lamp;
layout(location = 2) flat in vec4 shade;
layout(location = 3) flat in vec4 seen;
layout(location = 4) flat in vec4 heights;
layout(location = 5) flat in vec4 stage;
layout(location = 6) flat in vec4 seam;
layout(location = 7) flat in vec4 chest;
layout(location = 8) flat in vec4 ray;
layout(location = 9) flat in vec4 rest;
layout(location = 10) flat in vec4 across;
layout(location = 11) flat in vec4 down;
layout(location = 12) flat in vec4 around;

layout(location = 0) out vec4 fragColor;

layout(binding = 1) uniform sampler2D plate;         // rgb
layout(binding = 2) uniform sampler2D plateDepth;    // r: nearness, 0 = farthest
layout(binding = 3) uniform sampler2D subject;       // rgba, premultiplied
layout(binding = 4) uniform sampler2D subjectDepth;  // r: nearness, on the scale of plateDepth
layout(binding = 5) uniform sampler2D luma;          // r: luma, g: matte; actor A left, B right
layout(binding = 6) uniform sampler2D chroma;        // rg: Cb, Cr of colour, A left, B right

// What a point of `nearness` is seen at instead of uv.
vec2 moved(vec2 uv, float nearness) {
    return uv + ray.xy * (nearness - rest.x);
}

// Where the ray through uv meets the height field of `depth`, whose heights are low..high. The
// range is cut into `count` slabs, each looked up at its middle. Between two lookups the meeting
// place follows from both; before the first and after the last the height found is good enough.
vec2 trace(sampler2D depth, vec2 uv, float low, float high, float count) {
    float stride = (high - low) / count;
    float height = high + 0.5 * stride;
    float gap = 0.0;
    float gapAbove;
    float passed = 0.0;
    do {
        gapAbove = gap;
        height -= stride;
        gap = height - textureLod(depth, moved(uv, height), 0.0).r;
        passed += 1.0;
    } while (gap > 0.0 && passed < count);
    bool isBetween = gap <= 0.0 && passed > 1.5;
    float slope = isBetween ? stride / (gapAbove - gap) : 1.0;
    return moved(uv, height - slope * gap);
}

// The actor in `slot`, 0 or 1, at `at`, 0..1 in the box; premultiplied.
vec4 actor(float slot, vec2 at) {
    vec2 inner = clamp(at, seam.zw, 1.0 - seam.zw);
    vec2 pair = textureLod(luma, vec2(0.5 * (inner.x + slot), inner.y), 0.0).rg;
    inner = clamp(at, 2.0 * seam.zw, 1.0 - 2.0 * seam.zw);
    vec2 c = textureLod(chroma, vec2(0.5 * (inner.x + slot), inner.y), 0.0).rg;
    pair = pair * (255.0 / 219.0) - 16.0 / 219.0;
    c = c * (255.0 / 224.0) - 128.0 / 224.0;
    float y = pair.r;
    float alpha = clamp(pair.g, 0.0, 1.0);
    vec3 colour = vec3(y + 1.5748 * c.y, y - 0.187324 * c.x - 0.468124 * c.y, y + 1.8556 * c.x);
    return vec4(clamp(colour, 0.0, 1.0) * alpha, alpha);
}

// What of the way from face to face a place in the box is carried: all of it in the face, nothing
// beyond the hair and along the border.
float carried(vec2 at) {
    vec2 off = (at - around.xy) * around.zw;
    vec2 border = min(10.0 * at * (1.0 - at), 1.0);
    float near = clamp(1.3 - 1.3 * dot(off, off), 0.0, 1.0);
    return near * near * border.x * border.y;
}

// Both actors, mixed; the second is looked up only while there are two. Each face goes towards the
// place of the other as far as it has given way to it.
vec4 actors(vec2 at) {
    vec3 here = vec3(1.0, at) * carried(at);
    vec2 way = vec2(dot(across.xyz, here), dot(down.xyz, here));
    vec4 sum = vec4(0.0);
    float slot = rest.y < 1.0 ? 0.0 : 1.0;
    float last = rest.y > 0.0 ? 1.0 : 0.0;
    do {
        float weight = slot < 0.5 ? 1.0 - rest.y : rest.y;
        sum += actor(slot, at + way * (slot < 0.5 ? rest.y : rest.y - 1.0)) * weight;
        slot += 1.0;
    } while (slot <= last);
    return sum;
}

// Rises from 0 to 1 without a corner, for `share` from 0 to 1.
float eased(float share) {
    float inside = clamp(share, 0.0, 1.0);
    return inside * inside * (3.0 - 2.0 * inside);
}

// The subject at `uv`: the still, and in the box the actors in its place.
vec4 person(vec2 uv) {
    uv.y += chest.x * eased((uv.y - chest.y) * chest.z);
    vec2 at = (uv - stage.xy) * stage.zw;
    vec2 border = min(at, 1.0 - at) * seam.xy;
    float weight = chest.w * eased(min(border.x, border.y));
    return mix(textureLod(subject, uv, 0.0), actors(at), weight);
}

// What the light leaves of a colour at `at`, 0..1 in the item: lamp, dark corners, shadow of the
// mat along the edges, more of it below the upper one. Corners after the fourth power of a lens.
vec3 lighting(vec2 at) {
    vec2 off = at - 0.5;
    float corner = dot(off, off) * 2.0;
    vec2 depth = vec2(min(at.x, 1.0 - at.x), min(at.y - shade.z, 1.0 - at.y)) * shade.xy;
    vec2 open = smoothstep(vec2(-0.4), vec2(1.0), depth);
    float free = 1.0 - shade.w * (1.0 - open.x * open.y);
    return lamp.rgb * ((1.0 - lamp.a * corner * corner) * free);
}

// Less than half a step of eight bits, fixed to the screen: dimmed gradients would show as bands.
// Interleaved gradient noise after Jimenez, "Next Generation Post Processing in Call of Duty"
// (SIGGRAPH 2014). None at full light, where every value is one of the picture's own.
float dither() {
    float share = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
    return rest.w * (share - 0.5) / 255.0;
}

void main() {
    vec2 uv = place.xy;
    vec4 near = vec4(0.0);
    if (uv.x >= seen.x && uv.y >= seen.y && uv.x <= seen.z && uv.y <= seen.w)
        near = person(trace(subjectDepth, uv, heights.z, heights.w, ray.w));
    vec3 colour = near.rgb;
    if (near.a < 0.998)
        colour += (1.0 - near.a)
            * textureLod(plate, trace(plateDepth, uv, heights.x, heights.y, ray.z), 0.0).rgb;
    fragColor = vec4(colour * lighting(place.zw) + dither(), 1.0) * rest.z;
}
