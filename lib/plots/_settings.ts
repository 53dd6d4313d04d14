import type { Run, Setting } from "./select_epochs.ts";

/** The value of an entry of a run's configuration; the radius is known without one. */
export function settingOf(run: Run, entry: string): Setting | undefined {
  return entry === "rho" ? run.rho : run.settings[entry];
}

/** A run as if these entries were no part of its configuration. */
export function withoutSettings(run: Run, names: readonly string[]): Run {
  const entries = Object.entries(run.settings).filter(([name]) => !names.includes(name));
  return { ...run, settings: Object.fromEntries(entries) };
}
