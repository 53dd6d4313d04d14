import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of all source code. */
const SOURCES = new URL("..", import.meta.url);

/** A digest of this module's source code, or where it was fetched from, which tells its version. */
export function codeVersion(): string {
  if (SOURCES.protocol !== "file:") return SOURCES.href;
  const folder = fileURLToPath(SOURCES);
  const hash = createHash("sha256");
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts")).sort();
  for (const name of names) hash.update(`${name}\0`).update(readFileSync(join(folder, name)));
  return hash.digest("hex");
}
