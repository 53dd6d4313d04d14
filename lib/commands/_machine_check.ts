import { reasonOf } from "../system/mod.ts";

/** What was found of one thing. */
export interface MachineCheck {
  readonly name: string;
  /** `missing` and `failed` have a remedy; only `failed` keeps training from working. */
  readonly state: "works" | "missing" | "failed";
  readonly found: string;
  readonly remedy?: string;
}

export function works(name: string, found: string): MachineCheck {
  return { name, state: "works", found };
}

/**
 * Something that failed with an error: what our own say behind a semicolon is the remedy.
 *
 * @param otherwise the remedy of other errors
 */
export function failedBy(name: string, error: unknown, otherwise: string): MachineCheck {
  const reason = reasonOf(error);
  const [, found, remedy] = /^(Cannot [^]*); ([^;]+)$/.exec(reason) ?? [];
  if (found === undefined || remedy === undefined) {
    return { name, state: "failed", found: reason, remedy: otherwise };
  }
  return { name, state: "failed", found, remedy: remedy[0]!.toUpperCase() + remedy.slice(1) };
}
