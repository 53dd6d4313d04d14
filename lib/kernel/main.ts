/**
 * The kernel "Deno (SAM)", started by Jupyter: `main.ts <connection file> [--project <folder>]`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { configFolder } from "./language/mod.ts";
import { Relay } from "./relay/mod.ts";
import { log, readConnection } from "./wire/mod.ts";

async function main(): Promise<void> {
  const { values, positionals: [file] } = parseArgs({
    args: Deno.args,
    options: { project: { type: "string" } },
    allowPositionals: true,
  });
  if (file === undefined) {
    throw new TypeError("Cannot start without a connection file: Jupyter passes its path");
  }
  const cwd = Deno.cwd();
  const project = configFolder(cwd) === undefined ? values.project : undefined;
  const relay = new Relay(readConnection(file), { cwd, project });
  Deno.addSignalListener("SIGINT", () => relay.interrupt());
  if (Deno.build.os !== "windows") {
    Deno.addSignalListener("SIGTERM", () => void relay.stop().then(() => Deno.exit(0)));
  }
  const parent = Deno.ppid;
  setInterval(() => {
    if (Deno.ppid !== parent) void relay.stop().then(() => Deno.exit(0)); // the server is gone
  }, 1000);
  await relay.run();
  Deno.exit(0);
}

try {
  await main();
} catch (error) {
  log(String(error));
  Deno.exit(1);
}
