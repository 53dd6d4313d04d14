import {
  type DataType,
  getKernel,
  type KernelFunc,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
} from "@tensorflow/tfjs";
import { dtypeCode } from "../../native/mod.ts";
import type { TensorFlowBinding } from "../binding.ts";
import { requireInt32 } from "./_int32.ts";
import { RESULTS, SIZES } from "./_results.ts";

/**
 * Makes the kernels of a backend refuse sizes and indices beyond 32 bits, which would be cut, and
 * results that must not be computed, see `requireResult` of `native`. Inside a trace, the results are
 * checked node by node, by the shapes that TensorFlow infers.
 */
export function guardKernels(backendName: string): void {
  for (const kernelName of new Set([...Object.keys(RESULTS), ...Object.keys(SIZES)])) {
    const kernelFunc = guarded(kernelName, getKernel(kernelName, backendName).kernelFunc);
    unregisterKernel(kernelName, backendName);
    registerKernel({ kernelName, backendName, kernelFunc });
  }
}

function guarded(kernelName: string, kernelFunc: KernelFunc): KernelFunc {
  const sizes = SIZES[kernelName] ?? [];
  const resultShape = RESULTS[kernelName];
  return (parameters) => {
    const { backend } = parameters;
    const inputs = parameters.inputs as Record<string, TensorInfo>;
    const attributes = (parameters.attrs ?? {}) as Record<string, unknown>;
    for (const name of sizes) requireInt32(kernelName, name, numbersIn(attributes[name]));
    const { binding } = backend as unknown as { binding: TensorFlowBinding };
    if (resultShape === undefined || binding.trace !== undefined) return kernelFunc(parameters);
    const shape = resultShape(inputs, attributes);
    if (shape?.every(isSize)) {
      const dtype = attributes.dtype as DataType | null | undefined;
      const [first] = Object.values(inputs);
      binding.requireResult(kernelName, shape, dtypeCode(dtype ?? first?.dtype ?? "float32"));
    }
    return kernelFunc(parameters);
  };
}

/** Other sizes are refused by the kernel itself. */
function isSize(size: number): boolean {
  return Number.isInteger(size) && size >= 0;
}

function numbersIn(attribute: unknown): number[] {
  const values = Array.isArray(attribute) ? attribute.flat() : [attribute];
  return values.filter((value) => typeof value === "number");
}
