/**
 * What TypeScript knows about cells: how to rewrite them, and help for whoever writes them.
 *
 * @module
 */
export { Language } from "./_language.ts";
export type { SyntaxFault } from "./_parse.ts";
export type { Rewritten } from "./_rewrite.ts";
export { nameInQuestion } from "./_help.ts";
export { configFolder } from "./server/mod.ts";
