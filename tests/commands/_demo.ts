/** The demo with settings of a second. */
import { demoConfig } from "../../lib/commands/_demo_runs.ts";
import { demoCommand } from "../../lib/commands/demo.ts";
import { streamOutput } from "../../lib/terminal/mod.ts";

const small = { dataset: "synthetic_16", trainCount: 60, testCount: 40, batchSize: 20, epochs: 8 };
Deno.exitCode = await demoCommand(Deno.args, streamOutput(Deno.stdout), {
  ...demoConfig,
  ...small,
});
