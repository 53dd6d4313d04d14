import type { runs } from "sam";

/**
 * The same experiment in miniature: the ends of its grid, of numbers of images two small ones, one seed, two epochs of few procedural
 * images, whose classes have no asymmetric noise; a method that is trained longer than others has
 * three. It shows that everything works, and nothing else: tests, and notebooks with `smoke = true`,
 * train it.
 */
export function reduced(experiment: runs.Experiment): runs.Experiment {
  const { grid = {}, base, variants } = experiment;
  const ends = Object.entries(grid).map(([name, values = []]) => [
    name,
    name === "trainCount" ? [100, 150] : values.length > 1 ? [values[0], values.at(-1)] : values,
  ]);
  const lengths = [base, ...(variants ?? []).map(({ config }) => config)]
    .flatMap(({ epochs }) => epochs ?? []);
  const shortest = Math.min(...lengths);
  const small = {
    epochs: 2,
    trainCount: 100,
    testCount: 100,
    labelNoiseKind: "symmetric",
  } as const;
  return {
    ...experiment,
    name: `${experiment.name}, in miniature`,
    base: { ...base, ...small, dataset: "synthetic_16", batchSize: 50 },
    ...experiment.grid && { grid: Object.fromEntries(ends) },
    ...variants && {
      variants: variants.map(({ method, config }) => ({
        ...method !== undefined && { method },
        config: {
          ...config,
          ...config.epochs !== undefined && { epochs: config.epochs > shortest ? 3 : 2 },
        },
      })),
    },
    seeds: experiment.seeds.slice(0, 1),
  };
}
