import { type Aspect, describe } from "./_conditions.ts";
import { isTold } from "./_beside_baseline.ts";
import { augmentationText, datasetName, epochsText, imagesText, modelName } from "./_names.ts";
import { type PublishedError, publishedReduction } from "./_published.ts";
import { compact, percent, withInterval } from "./_text.ts";
import type { Comparison } from "./comparisons.ts";
import { augmentationOf, type Run } from "./select_epochs.ts";
import { methodColor } from "./theme.ts";
import type { Estimate } from "../statistics/mod.ts";

/** A reduction of the test error in per cent, with what it was measured on. */
export interface ReductionPoint {
  readonly dataset: string;
  readonly model: string;
  readonly augmentation: string;
  readonly epochs: string;
  /** "SGD 3.50 %, SAM 2.70 %". */
  readonly errors: string;
  readonly reduction: number;
  readonly low?: number;
  readonly high?: number;
  /** "23.0 % [15.1, 31.0]". */
  readonly text: string;
}

/** One that was measured here. */
export interface MeasuredPoint extends ReductionPoint {
  readonly label: string;
  readonly color: string;
  readonly told: boolean;
}

/** What labels name only where it is not the same for all points. */
const SOMETIMES: readonly Aspect[] = ["model", "labelNoise"];

/** The reductions of comparisons, and what is the same for all of them. */
export function measuredPoints(
  comparisons: readonly Comparison[],
): { readonly points: MeasuredPoint[]; readonly shared: string } {
  const first = comparisons.map(({ treated }) => treated.runs[0]!);
  const varies = (textOf: (index: number) => string) =>
    new Set([...first.keys()].map(textOf)).size > 1;
  const named = SOMETIMES.filter((aspect) => varies((i) => describe(first[i]!, [aspect])));
  const namesOf = (i: number) =>
    `${comparisons[i]!.treated.name} against ${comparisons[i]!.baseline.name}`;
  const epochsOf = ({ settings: { epochs } }: Run) =>
    typeof epochs === "number" ? epochsText(epochs) : "";
  const rest = [
    ...varies((i) => epochsOf(first[i]!)) ? [(i: number) => epochsOf(first[i]!)] : [],
    ...varies(namesOf) ? [namesOf] : [],
  ];
  const methods = [...new Set(first.map(({ method }) => method))];
  const points = comparisons.flatMap((comparison, i) => {
    const run = first[i]!;
    const { treated, baseline, errors, reduction } = comparison;
    if (reduction === undefined) return [];
    const augmentation = augmentationText(augmentationOf(run));
    return [{
      ...describePoint(run, augmentation, epochsOf(run)),
      errors: errorsText(baseline.name, errors.baseline, treated.name, errors.treated),
      ...sizeOf(reduction),
      label: [
        augmentation,
        imagesText(run.settings.trainCount),
        describe(run, named),
        ...rest.map((textOf) => textOf(i)),
      ].filter(Boolean).join(", "),
      color: methodColor(run.method, methods.indexOf(run.method)),
      told: isTold(comparison),
    }];
  });
  const fixed = SOMETIMES.filter((aspect) => !named.includes(aspect));
  return { points, shared: first.length > 0 ? describe(first[0]!, fixed) : "" };
}

/**
 * The reductions that pairs of published errors of SGD and SAM give.
 *
 * @throws RangeError for one of SAM without its pair, for none, and for an error that is no fraction
 */
export function publishedPoints(errors: readonly PublishedError[]): ReductionPoint[] {
  const treated = errors.filter(({ method }) => method === "SAM");
  if (treated.length === 0) {
    throw new RangeError("Cannot plot published reductions: no published error is one of SAM");
  }
  return treated.map((one) => {
    const found = publishedReduction(one, errors, "SGD");
    if (found === undefined) {
      throw new RangeError(
        `Cannot plot the published error of SAM on ${one.dataset} with ${one.model}: there is none ` +
          "of SGD with the same augmentation and epochs that it reduces",
      );
    }
    const { base, reduction } = found;
    const epochs = one.epochs === undefined ? "" : epochsText(one.epochs);
    return {
      ...describePoint(one, augmentationText(one.augmentation), epochs),
      errors: errorsText("SGD", { value: base.testError }, "SAM", { value: one.testError }),
      ...sizeOf(reduction),
    };
  });
}

function describePoint(
  { dataset, model }: { readonly dataset: string; readonly model: string },
  augmentation: string,
  epochs: string,
) {
  return {
    dataset: datasetName(dataset),
    model: modelName(model),
    augmentation: augmentation || "–",
    epochs: epochs || "–",
  };
}

function errorsText(
  baseline: string,
  before: Pick<Estimate, "value">,
  treated: string,
  after: Pick<Estimate, "value">,
): string {
  return `${baseline} ${percent(before.value, 2)}, ${treated} ${percent(after.value, 2)}`;
}

function sizeOf(reduction: Estimate) {
  return {
    reduction: compact(100 * reduction.value),
    ...reduction.interval && {
      low: compact(100 * reduction.interval[0]),
      high: compact(100 * reduction.interval[1]),
    },
    text: withInterval(reduction, 1),
  };
}
