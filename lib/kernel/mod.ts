/**
 * A Jupyter kernel for Deno that loses no output and survives interrupts: a relay in front of Deno's
 * own kernel. Needs nothing else of this package but its ground floor, `lib/system`.
 *
 * Cells run with all permissions of whoever starts the kernel, as Deno's own kernel runs them: no
 * flag and no deno.json takes any away. Run only notebooks that you trust.
 *
 * What waits is bounded: 1 MiB of output in the evaluator, and for a client that reads slowly 8 MiB,
 * behind which outputs go slower, and 32 MiB, behind which cells wait. A client that takes less than
 * 64 KiB in 15 s while 8 MiB wait for it is disconnected. Who has not shown the key may send messages
 * of 1 MiB, has 10 s for each, and is one of 32 on a port. A single output has at most 128 MiB.
 *
 * Help comes from Deno's language server, which starts when it is first needed and takes some hundred
 * MB: types and documentation, signatures, completion. Type errors are shown under a cell, which runs
 * all the same, its implicit `any` is none. The environment variable `DENO_KERNEL_TYPE_ERRORS` makes
 * them `errors`, which keep a cell from running, or `silent`; so does a line in a cell, for it and
 * those behind it: `// type errors: silent`.
 *
 * In cells, code that runs long can look at the interrupt, and talk to the front end:
 *
 * ```ts
 * import type { Comms, Interrupt } from "sam/kernel";
 *
 * const cell: { readonly [name: symbol]: unknown } = globalThis;
 * const interrupt = cell[Symbol.for("jupyter.interrupt")] as Interrupt | undefined;
 * for (let step = 0; step < 100; step++) {
 *   if (interrupt?.signal.aborted) break; // undefined outside of this kernel
 * }
 *
 * const comms = cell[Symbol.for("jupyter.comms")] as Comms | undefined;
 * const comm = await comms?.open("my.target", { hello: 1 });
 * if (comm) comm.onMessage = ({ data }) => console.log(data);
 * ```
 *
 * @module
 */
export {
  type InstalledKernel,
  installKernel,
  KERNEL_NAME,
  type KernelPlace,
  kernelsFolder,
  type KernelSpec,
  kernelSpec,
  type KernelSpecOptions,
  listKernels,
  uninstallKernel,
} from "./install.ts";
export { TESTED_DENO } from "./evaluator/mod.ts";
export type { Comm, CommMessage, CommOptions, Comms, Interrupt } from "./evaluator/mod.ts";
