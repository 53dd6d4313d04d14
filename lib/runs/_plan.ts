/** A planned run, as far as it is told from others. */
interface Planned {
  readonly id: string;
  readonly method: string;
}

/**
 * Adds a run to those that are planned, where it is not among them.
 *
 * @throws RangeError for a run that is planned under another method's name, which no row would have
 */
export function plan<Run extends Planned>(
  runs: Map<string, Run>,
  run: Run,
  experiment: string,
): void {
  const before = runs.get(run.id);
  if (before === undefined) runs.set(run.id, run);
  else if (before.method !== run.method) {
    throw new RangeError(
      `Cannot run the experiment ${experiment}: its methods ${before.method} and ${run.method} are ` +
        "one configuration, which is trained once and has one name. Let them differ in an entry, or " +
        "name them alike",
    );
  }
}
