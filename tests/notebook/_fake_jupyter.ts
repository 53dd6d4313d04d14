/** `Deno.jupyter` of a kernel that keeps what is shown. */
export interface Shown {
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
  /** The place that it is shown in. */
  readonly place: string;
}

/** Runs with a kernel in place, and returns what was shown in it. */
export async function inNotebook(
  body: (shown: readonly Shown[]) => Promise<void>,
): Promise<Shown[]> {
  const shown: Shown[] = [];
  const jupyter = {
    // deno-lint-ignore no-explicit-any -- contents of any form
    broadcast: (type: string, { data, transient }: any) =>
      Promise.resolve(void shown.push({ type, data, place: transient.display_id })),
  };
  // Its own property cannot be replaced, but the whole can.
  const before = Object.getOwnPropertyDescriptor(globalThis, "Deno")!;
  const value = Object.create(Deno, { jupyter: { value: jupyter } });
  Object.defineProperty(globalThis, "Deno", { ...before, value });
  try {
    await body(shown);
  } finally {
    Object.defineProperty(globalThis, "Deno", before);
  }
  return shown;
}
