import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };

/** The name under which `deno install` puts the command line on the path. */
export const PROGRAM = "sam-deno";

/** The version in deno.json, by https://semver.org. */
export const VERSION: string = config.version;

/** How the package is imported from its registry: `jsr:@scope/name@version`. */
export const SPECIFIER = `jsr:${config.name}@${VERSION}`;

/**
 * The folder that this package lies in: a clone; undefined where it was imported from a registry.
 */
export const CLONE: string | undefined = import.meta.url.startsWith("file:")
  ? dirname(dirname(dirname(fileURLToPath(import.meta.url))))
  : undefined;

/** The command line that runs one of our commands here: in a clone a task of it. */
export function commandLine(command: string): string {
  return CLONE === undefined
    ? `deno run --allow-all ${SPECIFIER}/cli ${command}`
    : `deno task ${command}`;
}
