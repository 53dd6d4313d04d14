/**
 * Writes what was found of the paper's claims, and what it cost, into docs/experiments.md, from the
 * records: `deno task claims`.
 *
 * @module
 */
import { evidenceOf } from "./_evidence.ts";
import { withClaims } from "./_page.ts";

const page = new URL("../experiments.md", import.meta.url);
const text = await Deno.readTextFile(page);
await Deno.writeTextFile(page, withClaims(text, await evidenceOf()));
