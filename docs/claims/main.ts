/**
 * Writes what was found of the paper's claims, and what it cost, into docs/experiments.md, and what its
 * reader asks first into README.md, from the records: `deno task claims`.
 *
 * @module
 */
import { evidenceOf } from "./_evidence.ts";
import { withClaims, withSummary } from "./_page.ts";

const evidence = await evidenceOf();
for (
  const [path, filled] of [["../experiments.md", withClaims], [
    "../../README.md",
    withSummary,
  ]] as const
) {
  const page = new URL(path, import.meta.url);
  await Deno.writeTextFile(page, filled(await Deno.readTextFile(page), evidence));
}
