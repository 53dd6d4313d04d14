/**
 * One kernel under everything that breaks kernels, in an order drawn by a seed, with a well-behaved
 * client beside it whose cells have to come out right:
 *
 *     deno task torture [--minutes 10] [--seed 1] [--only question]
 *
 * Loads are bounded and go to loopback. Ends with the counts of each attack, the slowest answer to
 * the well-behaved client, the longest from an interrupt to its cell's end and the most memory; exit code 1 if anything was lost or hung.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { torture } from "./_torture.ts";

const { values: { minutes, seed, only, help } } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    only: { type: "string", multiple: true },
    help: { type: "boolean", default: false },
  },
});

// deno-lint-ignore no-console -- the counts are the point
const print = console.log;

if (help) {
  print("Usage: deno task torture [--minutes 10] [--seed 1] [--only PART_OF_AN_ATTACK'S_NAME]...");
} else {
  const { counts, failures, ...found } = await torture({
    milliseconds: Number(minutes) * 60_000,
    seed: Number(seed),
    only,
    stopMs: 2000, // docs/reliability.md promises it of a machine that does nothing else
    print,
  });
  for (const [name, count] of counts) print(`${String(count).padStart(5)}  ${name}`);
  print(
    `${counts.values().reduce((a, b) => a + b, 0)} attacks, ${failures.length} failures; ` +
      `slowest answer ${Math.round(found.slowest)} ms, slowest stop ` +
      `${Math.round(found.slowestStop)} ms; memory ${found.idleMiB} MiB idle, at most ` +
      `${found.mostMiB}, ${found.lastMiB} at the end; ${found.restarts} evaluators ended by their ` +
      `own cells, ${found.disconnected} lines logged`,
  );
  for (const failure of failures) print(failure);
  Deno.exit(failures.length > 0 ? 1 : 0);
}
