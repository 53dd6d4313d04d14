/**
 * Kernels that tfjs-node lacks, or that give other results than TensorFlow.js defines.
 *
 * @module
 */
import { getKernel, registerKernel, unregisterKernel } from "@tensorflow/tfjs";
import type { Kernel } from "./_execute.ts";
import { arrangement } from "./arrangement.ts";
import { comparison } from "./comparison.ts";
import { convolution } from "./convolution.ts";
import { convolution3d } from "./convolution_3d.ts";
import { einsum } from "./einsum.ts";
import { elementwise } from "./elementwise.ts";
import { image } from "./image.ts";
import { morphology } from "./morphology.ts";
import { normalization } from "./normalization.ts";
import { pooling } from "./pooling.ts";
import { ragged } from "./ragged.ts";
import { random } from "./random.ts";
import { search } from "./search.ts";
import { sparse } from "./sparse.ts";
import { strings } from "./strings.ts";

export { guardKernels } from "./guard.ts";

/** Registers them for a backend, after tfjs-node's kernels, in whose place they come. */
export function registerKernels(backendName: string): void {
  const kernels: Kernel[] = [
    ...arrangement,
    ...comparison,
    ...convolution,
    ...convolution3d,
    einsum,
    ...elementwise,
    ...image,
    ...morphology,
    ...normalization,
    ...pooling,
    ...ragged,
    ...random,
    ...search,
    ...sparse,
    ...strings,
  ];
  for (const { kernelName, kernelFunc } of kernels) {
    if (getKernel(kernelName, backendName)) unregisterKernel(kernelName, backendName);
    registerKernel({ kernelName, backendName, kernelFunc });
  }
}
