/** Functions of TensorFlow.js as one TensorFlow function. @module */
export { compile, type Compiled, type CompileOptions, type TraceReport } from "./compile.ts";
export { type GraphInput, type TracedGraph, traceGraph } from "./trace_graph.ts";
export { shapesOnly } from "./shapes_only.ts";
export { type Subroutine, subroutine } from "./subroutine.ts";
export { build, matches, type Signature, signatureOf } from "./signature.ts";
export { asNode, placeholder, traceFunction } from "./trace_function.ts";
export { traced } from "./traced.ts";
