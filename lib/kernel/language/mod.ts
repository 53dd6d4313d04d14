/**
 * What TypeScript knows about cells: how to rewrite them, and help for whoever writes them.
 *
 * @module
 */
export { Language } from "./_language.ts";
export type { Rewritten, SyntaxFault } from "./_rewrite.ts";
export { configFolder } from "./server/mod.ts";
