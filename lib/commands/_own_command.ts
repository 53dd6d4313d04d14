import { join } from "node:path";
import { CLONE, SPECIFIER } from "../system/mod.ts";

/** Arguments of Deno that run this command line again, in a process of its own. */
export function ownCommand(args: readonly string[]): string[] {
  return CLONE === undefined ? ["run", "-q", "--allow-all", `${SPECIFIER}/cli`, ...args] : [
    "run",
    "-q",
    "--config",
    join(CLONE, "deno.json"),
    "-P=train",
    join(CLONE, "cli.ts"),
    ...args,
  ];
}
