/**
 * The ten classes of the synthetic set, as signed distances in a frame where each shape fills about
 * the unit disc: negative inside, positive outside.
 *
 * Only +, -, *, /, sqrt, abs, min, max and floor are used: IEEE 754 fixes their last bit, which it
 * does not for sin, cos, atan2 or exp, and the set must be the same bytes on every machine.
 *
 * @module
 */
import type { Random } from "../random_stream.ts";

/** Signed distance of the point (x, y) from a shape. */
export type Distance = (x: number, y: number) => number;

/** Draws one example of a class; `stroke` is half the width of a drawn line. */
export type Shape = (random: Random, stroke: number) => Distance;

const { abs, floor, max, min, sqrt } = Math;

/** Class name to shape, in the order of the labels. */
export const shapes = {
  ring: (_, stroke) => (x, y) => abs(sqrt(x * x + y * y) - 0.8) - stroke,

  cross: (random, stroke) => {
    const [length, shift] = [random.between(0.7, 1), random.between(-0.2, 0.2)];
    return (x, y) => min(box(x, y - shift, length, stroke), box(x, y, stroke, 0.95));
  },

  stripes: (random, stroke) => {
    const [count, length] = [2 + random.below(3), random.between(0.6, 1)];
    const gap = 1.7 / count;
    const edge = (count - 1) / 2;
    return (x, y) => {
      const nearest = max(-edge, min(edge, floor(y / gap + edge + 0.5) - edge));
      return box(x, y - nearest * gap, length, min(stroke, gap / 3.5));
    };
  },

  spiral: (random, stroke) => {
    const turns = random.between(1.6, 2.3);
    return (x, y) => {
      const radius = sqrt(x * x + y * y) * turns;
      const winding = radius - turn(x, y);
      const arm = abs(winding - floor(winding + 0.5)) / turns;
      return max(arm - min(stroke, 0.3 / turns), radius / turns - 1);
    };
  },

  triangle: (random, stroke) =>
    drawnOrFilled(random, stroke, (x, y) => max(-y, 0.8660254 * abs(x) + 0.5 * y) - 0.5),

  square: (random, stroke) => drawnOrFilled(random, stroke, (x, y) => max(abs(x), abs(y)) - 0.75),

  star: (random, stroke) => {
    const inner = random.between(0.4, 0.5);
    return drawnOrFilled(random, 0.8 * stroke, (x, y) => star(x, y, inner));
  },

  crescent: (random) => {
    const [bite, offset] = [random.between(0.7, 0.85), random.between(0.35, 0.55)];
    return (x, y) => max(disc(x, y, 0.9), -disc(x - offset, y, bite));
  },

  tee: (random, stroke) => {
    const [width, foot] = [random.between(0.6, 0.9), random.between(0.6, 0.95)];
    return (x, y) =>
      min(
        box(x, y + 0.75, width, stroke),
        box(x, y - (foot - 0.75) / 2, stroke, (foot + 0.75) / 2),
      );
  },

  zigzag: (random, stroke) => {
    const [count, height] = [3 + random.below(2), random.between(0.35, 0.6)];
    const half = 0.95 / count;
    // Distance to a triangle wave, measured across its slope.
    const slope = height / half;
    const across = 1 / sqrt(1 + slope * slope);
    return (x, y) => {
      const phase = (x + 0.95) / (4 * half);
      const wave = (4 * abs(phase - floor(phase + 0.5)) - 1) * height;
      return max(abs(y - wave) * across - stroke, abs(x) - 0.95);
    };
  },
} satisfies Record<string, Shape>;

/** Small marks that belong to no class. */
export const fragments: readonly Shape[] = [
  (_, stroke) => (x, y) => box(x, y, 1, stroke),
  () => (x, y) => disc(x, y, 0.6),
  (_, stroke) => (x, y) => max(abs(disc(x, y, 0.9)) - stroke, -x),
  (_, stroke) => (x, y) => min(box(x, y + 0.8, 0.8, stroke), box(x + 0.8, y, stroke, 0.8)),
];

function box(x: number, y: number, halfWidth: number, halfHeight: number): number {
  return max(abs(x) - halfWidth, abs(y) - halfHeight);
}

function disc(x: number, y: number, radius: number): number {
  return sqrt(x * x + y * y) - radius;
}

function drawnOrFilled(random: Random, stroke: number, distance: Distance): Distance {
  return random.chance(0.5) ? distance : (x, y) => abs(distance(x, y) + stroke) - stroke;
}

/** Five-pointed star with its outer points on the unit circle, the notches at radius `notch`. */
function star(x: number, y: number, notch: number): number {
  // Fold the plane by reflections until only half of the upper point is left, then measure from
  // that point's edge, which runs from (0, 1) to the notch.
  const [cosine, sine] = [0.8090169943749475, 0.5877852522924731]; // of 36 degrees
  x = abs(x);
  const right = 2 * max(cosine * x - sine * y, 0);
  x -= right * cosine;
  y += right * sine;
  const left = 2 * max(-cosine * x - sine * y, 0);
  x = abs(x + left * cosine);
  y += left * sine - 1;
  const [edgeX, edgeY] = [notch * sine, notch * cosine - 1];
  const along = (x * edgeX + y * edgeY) / (edgeX * edgeX + edgeY * edgeY);
  const near = max(0, min(1, along));
  const [dx, dy] = [x - near * edgeX, y - near * edgeY];
  const distance = sqrt(dx * dx + dy * dy);
  return y * edgeX < x * edgeY ? -distance : distance;
}

/** The direction of (x, y) as a fraction of a whole turn, in [-0.5, 0.5], within 2e-6. */
function turn(x: number, y: number): number {
  const [ax, ay] = [abs(x), abs(y)];
  const ratio = min(ax, ay) / max(ax, ay, 1e-12);
  // Odd polynomial for atan(ratio) / (2 pi).
  const square = ratio * ratio;
  const eighth = ratio * (0.1591336 + square *
      (-0.0525688 + square * (0.0286703 + square * (-0.0135493 + square * 0.0033160))));
  const quarter = ay > ax ? 0.25 - eighth : eighth;
  const half = x < 0 ? 0.5 - quarter : quarter;
  return y < 0 ? -half : half;
}
