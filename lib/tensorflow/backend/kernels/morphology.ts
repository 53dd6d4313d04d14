import { backend_util } from "@tensorflow/tfjs";
import { attribute } from "../../native/mod.ts";
import { type Kernel, kernel, type Value } from "./_execute.ts";

interface DilationAttributes {
  readonly strides: number | [number, number];
  readonly pad: "same" | "valid";
  readonly dilations: number | [number, number];
}

/** Morphological dilation and its gradients: TensorFlow's end the process for nothing of 2³¹ images. */
export const morphology: readonly Kernel[] = [
  kernel<{ x: Value; filter: Value }, DilationAttributes>(
    "Dilation2D",
    (operations, { x, filter }, attributes) => {
      const { outShape, list } = windowOf(x, filter, attributes);
      return operations.unlessEmpty(
        outShape,
        x,
        () => operations.one("Dilation2D", [x, filter], list),
      );
    },
  ),
  ...(["Input", "Filter"] as const).map((of) =>
    kernel<{ x: Value; filter: Value; dy: Value }, DilationAttributes>(
      `Dilation2DBackprop${of}`,
      (operations, { x, filter, dy }, attributes) => {
        const { list } = windowOf(x, filter, attributes);
        return operations.linear(
          of === "Input" ? x.shape : filter.shape,
          [dy],
          () => operations.one(`Dilation2DBackprop${of}`, [x, filter, dy], list),
        );
      },
    )
  ),
];

function windowOf(x: Value, filter: Value, { strides, pad, dilations }: DilationAttributes) {
  const [image, kernel] = [[...x.shape], [...filter.shape]] as [
    [number, number, number, number],
    [number, number, number],
  ];
  const window = backend_util.computeDilation2DInfo(image, kernel, strides, pad, "NHWC", dilations);
  return {
    outShape: window.outShape,
    list: [
      attribute.type("T", x.dtype),
      attribute.int("strides", [1, window.strideHeight, window.strideWidth, 1]),
      attribute.int("rates", [1, window.dilationHeight, window.dilationWidth, 1]),
      attribute.string("padding", window.padInfo.type),
    ],
  };
}
