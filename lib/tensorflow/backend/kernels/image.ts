import { backend_util } from "@tensorflow/tfjs";
import { attribute } from "../../native/mod.ts";
import { type Kernel, kernel, type Operations, type Value } from "./_execute.ts";

interface TransformAttributes {
  readonly interpolation: "nearest" | "bilinear";
  readonly fillMode: "constant" | "reflect" | "wrap" | "nearest";
  readonly fillValue: number;
  readonly outputShape?: readonly [number, number];
}

interface RotateAttributes {
  readonly radians: number;
  readonly fillValue: number | readonly [number, number, number];
  readonly center: number | [number, number];
}

const OPAQUE = 255;

/** Projective transformations and rotations of images. */
export const image: readonly Kernel[] = [
  kernel<{ image: Value; transforms: Value }, TransformAttributes>(
    "Transform",
    (operations, { image, transforms }, attributes) =>
      transform(operations, image, transforms, attributes),
  ),
  kernel<{ image: Value }, RotateAttributes>(
    "RotateWithOffset",
    (operations, { image }, { radians, fillValue, center }) => {
      const [, height, width, channels] = image.shape as [number, number, number, number];
      const [x, y] = backend_util.getImageCenter(center, height, width);
      const [sine, cosine] = [Math.sin(radians), Math.cos(radians)];
      const transforms = operations.float32(
        [cosine, -sine, x - x * cosine + y * sine, sine, cosine, y - x * sine - y * cosine, 0, 0],
        [1, 8],
      );
      const attributes = { interpolation: "nearest", fillMode: "constant", fillValue: 0 } as const;
      if (typeof fillValue === "number") {
        return transform(operations, image, transforms, { ...attributes, fillValue });
      }
      const rotated = transform(operations, image, transforms, attributes);
      const everywhere = operations.float32(new Array(height * width).fill(1), [
        1,
        height,
        width,
        1,
      ]);
      const covered = transform(operations, everywhere, transforms, attributes);
      const inside = operations.plain("Greater", covered, operations.float32(0));
      const fill = [...fillValue, OPAQUE].slice(0, channels);
      return operations.select(
        inside,
        rotated,
        operations.cast(operations.float32(fill), image.dtype),
      );
    },
  ),
];

function transform(
  operations: Operations,
  image: Value,
  transforms: Value,
  { interpolation, fillMode, fillValue, outputShape }: TransformAttributes,
): Value {
  const size = outputShape ?? image.shape.slice(1, 3);
  const inputs = [image, transforms, operations.int32(size), operations.float32(fillValue)];
  return operations.one("ImageProjectiveTransformV3", inputs, [
    attribute.type("dtype", image.dtype),
    attribute.string("interpolation", interpolation.toUpperCase()),
    attribute.string("fill_mode", fillMode.toUpperCase()),
  ]);
}
