/**
 * Paints one image of the synthetic set: a textured background, stray marks, the shape of the
 * class, marks that may cover it, sensor noise. Nothing but the shape tells the class.
 *
 * @module
 */
import type { Random } from "../random_stream.ts";
import { type Distance, fragments, type Shape } from "./_shapes.ts";

/** One image while it is painted: `values` is [size, size, channels], grey levels around 0..255. */
interface Canvas {
  readonly values: Float64Array;
  readonly size: number;
  readonly channels: number;
}

/** Something to paint: where it lies (in pixels), how it is bent and turned, its colour. */
interface Mark {
  readonly distance: Distance;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** x' = a x + b y, y' = c x + d y: from pixels to the frame of the shape. */
  readonly frame: readonly [a: number, b: number, c: number, d: number];
  readonly bend: number;
  readonly colour: readonly number[];
  /** Width in pixels over which the edge fades. */
  readonly blur: number;
}

/** Writes one image of `shape` into `out` ([size, size, channels] bytes). */
export function paintScene(
  out: Uint8Array,
  size: number,
  channels: number,
  shape: Shape,
  random: Random,
): void {
  const canvas = { values: new Float64Array(size * size * channels), size, channels };
  const background = Array.from({ length: channels }, () => random.between(50, 205));
  paintBackground(canvas, background, random);
  const ink = inkOn(background, random);
  const stray = random.below(4);
  for (let i = 0; i < stray; i++) paint(canvas, fragment(size, inkOn(background, random), random));
  paint(canvas, mainMark(size, shape, ink, random));
  if (random.chance(0.3)) paint(canvas, fragment(size, inkOn(background, random), random));
  develop(canvas, random.between(3, 16), random, out);
}

/** A coarse lattice of random levels, interpolated, plus sometimes a grating. */
function paintBackground({ values, size, channels }: Canvas, base: number[], random: Random): void {
  const cells = 2 + random.below(5);
  const lattice = Float64Array.from({ length: (cells + 1) ** 2 }, () => random.between(-1, 1));
  const tint = base.map(() => random.between(5, 45));
  const grating = random.chance(0.5) ? random.between(0, 30) : 0;
  const frequency = random.between(0.08, 0.25);
  const [fx, fy] = direction(random).map((v) => v * frequency) as [number, number];
  const phase = random.between(0, 1);
  for (let row = 0, k = 0; row < size; row++) {
    const gy = (row * cells) / size;
    const j = Math.floor(gy);
    for (let column = 0; column < size; column++) {
      const gx = (column * cells) / size;
      const i = Math.floor(gx);
      const at = j * (cells + 1) + i;
      const top = lattice[at]! + (gx - i) * (lattice[at + 1]! - lattice[at]!);
      const left = lattice[at + cells + 1]!;
      const bottom = left + (gx - i) * (lattice[at + cells + 2]! - left);
      const level = top + (gy - j) * (bottom - top);
      const wave = phase + fx * column + fy * row;
      const stripe = 4 * Math.abs(wave - Math.floor(wave + 0.5)) - 1;
      for (let c = 0; c < channels; c++) {
        values[k++] = base[c]! + tint[c]! * level + grating * stripe;
      }
    }
  }
}

function mainMark(size: number, shape: Shape, colour: number[], random: Random): Mark {
  const radius = size * random.between(0.26, 0.42);
  const margin = 0.8 * radius;
  const stroke = random.between(0.8, 1.8) / radius;
  return {
    distance: shape(random, stroke),
    x: random.between(margin, size - 1 - margin),
    y: random.between(margin, size - 1 - margin),
    radius,
    frame: frame(radius, random),
    bend: random.between(-0.25, 0.25),
    colour,
    blur: random.between(0.8, 2),
  };
}

function fragment(size: number, colour: number[], random: Random): Mark {
  const radius = size * random.between(0.06, 0.16);
  return {
    distance: fragments[random.below(fragments.length)]!(random, random.between(0.7, 1.4) / radius),
    x: random.between(0, size),
    y: random.between(0, size),
    radius,
    frame: frame(radius, random),
    bend: 0,
    colour,
    blur: random.between(0.8, 2),
  };
}

/** Turned by up to 33 degrees, stretched by up to a quarter, mirrored or not: flips keep the class. */
function frame(radius: number, random: Random): Mark["frame"] {
  const half = random.between(-0.3, 0.3); // The tangent of half the angle gives both without sin.
  const cosine = (1 - half * half) / (1 + half * half);
  const sine = (2 * half) / (1 + half * half);
  const stretch = random.between(0.8, 1.25);
  const sx = (random.chance(0.5) ? stretch : -stretch) / radius;
  const sy = 1 / (stretch * radius);
  return [cosine * sx, sine * sx, -sine * sy, cosine * sy];
}

/** Uniform on the unit circle, without sine and cosine (see `_shapes.ts`). */
function direction(random: Random): [x: number, y: number] {
  for (;;) {
    const [x, y] = [random.between(-1, 1), random.between(-1, 1)];
    const square = x * x + y * y;
    if (square > 0.01 && square <= 1) return [x / Math.sqrt(square), y / Math.sqrt(square)];
  }
}

/** A colour that differs from `background` by 27 to 182 levels, in all channels one way. */
function inkOn(background: number[], random: Random): number[] {
  const contrast = random.between(45, 130) * (random.chance(0.5) ? 1 : -1);
  return background.map((level) => level + contrast * random.between(0.6, 1.4));
}

function paint({ values, size, channels }: Canvas, mark: Mark): void {
  const [a, b, c, d] = mark.frame;
  const reach = 1.6 * mark.radius + mark.blur;
  const sharpness = mark.radius / mark.blur;
  const last = Math.min(size - 1, Math.floor(mark.x + reach));
  const bottom = Math.min(size - 1, Math.floor(mark.y + reach));
  for (let row = Math.max(0, Math.floor(mark.y - reach)); row <= bottom; row++) {
    const dy = row - mark.y;
    for (let column = Math.max(0, Math.floor(mark.x - reach)); column <= last; column++) {
      const dx = column - mark.x;
      const y = c * dx + d * dy;
      const x = a * dx + b * dy + mark.bend * y * y;
      const cover = Math.min(1, 0.5 - mark.distance(x, y) * sharpness);
      if (cover <= 0) continue;
      const at = (row * size + column) * channels;
      for (let k = 0; k < channels; k++) {
        values[at + k]! += cover * (mark.colour[k]! - values[at + k]!);
      }
    }
  }
}

/** Adds noise of standard deviation `sigma` and rounds to bytes. */
function develop({ values }: Canvas, sigma: number, random: Random, out: Uint8Array): void {
  // The sum of a word's four bytes is nearly normal, with mean 510 and this deviation.
  const unit = sigma / 147.8;
  for (let k = 0; k < values.length; k++) {
    const word = random.word();
    const sum = (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24);
    out[k] = Math.max(0, Math.min(255, Math.floor(values[k]! + unit * (sum - 510) + 0.5)));
  }
}
