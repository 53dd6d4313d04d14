import { type Experiment, readRecords, runsOf } from "../runs/mod.ts";

/** How a file of records stands to the experiments that it should hold. */
export interface RecordsCheck {
  /** Whether each run that is planned has a record, and each record is of one. */
  readonly isUpToDate: boolean;
  /** In lines for people. */
  readonly lines: readonly string[];
}

/**
 * Compares records with the runs that experiments plan: a changed experiment makes records stale, as the
 * runs that they are of are not planned any more, and leaves others without one. Of what is recorded it is
 * told whether it was made by one version of the code on machines of one kind in one precision, as only
 * such runs are compared.
 *
 * @throws Deno.errors.NotFound, Deno.errors.InvalidData for a file that cannot be read
 */
export async function checkRecords(
  experiments: readonly Experiment[],
  path: string,
): Promise<RecordsCheck> {
  const records = await readRecords(path);
  const planned = new Set(
    experiments.flatMap((experiment) => runsOf(experiment).map(({ id }) => id)),
  );
  const parts = experiments.map((experiment) => {
    const runs = runsOf(experiment);
    const missing = runs.filter(({ id }) => !records.has(id)).length;
    return `${experiment.name}: ${runs.length - missing} of ${runs.length} runs are recorded`;
  });
  const stale = [...records].filter(([id]) => !planned.has(id));
  const named = stale.map(([id, { config }]) =>
    `  ${id}: ${config.dataset}, ${config.model}, rho ${config.samRho}, seed ${config.seed}`
  );
  const found = [...records.values()];
  const results = found.map(({ result }) => result);
  const kinds = [
    kindsOf("machines", results.map(({ machine }) => machine)),
    kindsOf("instruction sets", results.map(({ instructionSet }) => instructionSet)),
    kindsOf("numbers of threads", results.map(({ threads }) => threads)),
    kindsOf("precisions", found.map(({ config }) => config.precision)),
    kindsOf("TensorFlows", results.map(({ tensorflow }) => tensorflow)),
    kindsOf("versions of the code", results.map(({ code }) => code)),
  ];
  return {
    isUpToDate: stale.length === 0 && [...planned].every((id) => records.has(id)),
    lines: [
      ...parts,
      ...stale.length === 0
        ? []
        : [`Stale, as they are of runs not planned: ${stale.length}`, ...named],
      ...kinds.filter((line) => line !== undefined),
    ],
  };
}

/** What differs among runs that are compared, if anything does. */
function kindsOf(what: string, values: readonly unknown[]): string | undefined {
  const found = [...new Set(values.map((value) => String(value ?? "unknown")))];
  return found.length > 1
    ? `The records are of ${found.length} ${what}: ${found.join(", ")}`
    : undefined;
}
