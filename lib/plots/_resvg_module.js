// JavaScript, because TypeScript does not know the syntax yet: the compiled module itself, not an
// instance of it, as the initialiser wants it.
import source module from "@resvg/resvg-wasm/index_bg.wasm";

/** @type {WebAssembly.Module} */
export const resvgModule = module;
