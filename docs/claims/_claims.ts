import type { plots } from "sam";
import type { Evidence } from "./_evidence.ts";

/** A claim of the paper, and what speaks for or against it here. */
export interface Claim {
  readonly claim: string;
  /** Section, table or figure of the paper, with its numbers where it has some. */
  readonly source: string;
  /** What the claim says of the error of what is treated beside the baseline's. */
  readonly expected?: "lower" | "higher";
  /** Whether it is about the better of the baselines, so that one comparison alone does not confirm it. */
  readonly besideBest?: boolean;
  /** The comparisons that test it; none: it was not measured. */
  readonly evidence?: (evidence: Evidence) => readonly plots.Comparison[];
  /** Why it cannot be measured here, or was not. */
  readonly reason?: string;
}

/** SAM by itself, without another method's targets. */
export const isSamAlone = ({ treated }: plots.Comparison) => /^SAM($| \()/.test(treated.name);

const isSam = ({ treated }: plots.Comparison) => treated.name.startsWith("SAM");
const augmentationIs = (name: string) => ({ treated: { runs: [run] } }: plots.Comparison) =>
  name === (run?.settings.batchAugmentation === "cutout" ? "cutout" : run?.settings.augmentation);
const isBeside = (pattern: RegExp) => ({ baseline }: plots.Comparison) =>
  pattern.test(baseline.name);

/** SAM alone beside rivals of a name, where labels are wrong or, to the contrary, none is. */
const noise = (pattern: RegExp, isNoisy = true) => ({ noise }: Evidence) =>
  noise.filter((one) => isSamAlone(one) && isBeside(pattern)(one))
    .filter(({ treated: { runs: [run] } }) => run!.labelNoise > 0 === isNoisy);

const TOO_LARGE = "networks and sets of this size would take months on the processors at hand";

/** The claims, in the order of the paper. */
export const claims: readonly Claim[] = [
  {
    claim: "SAM lowers the test error, with basic augmentation",
    source: "Table 1: WRN-28-10 on CIFAR-10, 3.5 to 2.7 %",
    expected: "lower",
    besideBest: true,
    evidence: ({ errorReduction }) =>
      errorReduction.filter((one) =>
        isSam(one) && isBeside(/^SGD$/)(one) && augmentationIs("basic")(one)
      ),
  },
  {
    claim: "… with cutout",
    source: "Table 1: 2.6 to 2.3 %",
    expected: "lower",
    besideBest: true,
    evidence: ({ errorReduction }) =>
      errorReduction.filter((one) =>
        isSam(one) && isBeside(/^SGD$/)(one) && augmentationIs("cutout")(one)
      ),
  },
  {
    claim: "… without augmentation (not in the paper)",
    source: "–",
    evidence: ({ errorReduction }) =>
      errorReduction.filter((one) =>
        isSam(one) && isBeside(/^SGD$/)(one) && augmentationIs("none")(one)
      ),
  },
  {
    claim: "… by the number of training images (not in the paper)",
    source: "–",
    evidence: ({ sizes }) => sizes.filter((one) => isSam(one) && isBeside(/^SGD$/)(one)),
  },
  {
    claim: "… on 6,152 images of CIFAR-10, fitted, without augmentation (not in the paper)",
    source: "–",
    evidence: ({ cifar10 }) => cifar10.filter((one) => isSam(one) && isBeside(/^SGD$/)(one)),
  },
  {
    claim: "… beside SGD of twice the epochs, which takes as much computation",
    source: "Section 3.1: the better of SGD and SGD twice as long is what SAM is compared with",
    expected: "lower",
    besideBest: true,
    evidence: ({ errorReduction, sizes, cifar10 }) =>
      [...errorReduction, ...sizes, ...cifar10]
        .filter((one) => isSam(one) && isBeside(/twice/)(one)),
  },
  {
    claim: "SAM withstands wrong labels better than SGD",
    source: "Table 4: ResNet-32 on CIFAR-10, 40 % noise, 31.2 to 6.6 %",
    expected: "lower",
    evidence: noise(/^SGD$/),
  },
  {
    claim: "… with twenty new seeds, fixed before their first run (replication)",
    source: "Table 4, as above",
    expected: "lower",
    evidence: ({ replication }) => replication.filter(isBeside(/^SGD$/)),
  },
  {
    claim: "… than SGD of twice the epochs (not in the paper)",
    source: "–",
    evidence: noise(/twice/),
  },
  {
    claim: "… with twenty new seeds (replication)",
    source: "–",
    evidence: ({ replication }) => replication.filter(isBeside(/twice/)),
  },
  {
    claim: "… than mixup",
    source: "Table 4: 40 % noise, 10.0 to 6.6 %",
    expected: "lower",
    evidence: noise(/^Mixup/),
  },
  {
    claim: "… than smoothed labels (not in the paper)",
    source: "–",
    evidence: noise(/^Label smoothing/),
  },
  {
    claim: "… than bootstrapped targets (the paper has them with mixup alone)",
    source: "Table 4: Bootstrap + Mixup, 40 % noise, 8.0 to 6.6 %",
    evidence: noise(/^Bootstrap/),
  },
  {
    claim: "… also at the epoch that validation images with true labels choose (not in the paper)",
    source: "–",
    evidence: ({ stopped }) => stopped.filter(isSam),
  },
  {
    claim: "… and where no label is wrong, at the same settings (control)",
    source: "–",
    evidence: noise(/^(SGD|Mixup)/, false),
  },
  {
    claim: "Bootstrapped targets help SAM further",
    source: "Table 4: 40 % noise, 6.6 to 5.8 %",
    expected: "lower",
    evidence: ({ noise }) => noise.filter(({ treated }) => /^SAM \+ bootstrap/i.test(treated.name)),
  },
  {
    claim: "Radii of the paper's grid, at SAM's other settings",
    source: "Section 3: from 0.01 to 0.5, chosen by validation",
    evidence: ({ radius }) => radius.filter(({ treated: { runs: [run] } }) => run!.rho <= 0.5),
  },
  {
    claim: "Too large a radius raises the error",
    source: "Table 8: with 80 % noise a radius of 0.1 fails, 0.05 does not",
    expected: "higher",
    evidence: ({ radius }) => radius.filter(({ treated: { runs: [run] } }) => run!.rho > 0.5),
  },
  {
    claim: "Perturbations of smaller groups (m) generalise better: at equal radius",
    source: "Section 4.1, figure 3 (right)",
    evidence: ({ groups }) => groups.filter(({ condition }) => condition.includes("SAM")),
  },
  {
    claim: "… and not by batch norm alone: SGD in the same groups (control)",
    source: "–",
    evidence: ({ groups }) => groups.filter(({ condition }) => !condition.includes("SAM")),
  },
  {
    claim: "SAM beside SGD in the same groups, at SAM's other settings (not in the paper)",
    source: "–",
    evidence: ({ sameGroups }) => sameGroups,
  },
  {
    claim: "SAM by weight decay, at its other settings (not in the paper)",
    source: "–",
    evidence: ({ weightDecay }) => weightDecay,
  },
  {
    claim: "SAM by batch size, at its other settings (not in the paper)",
    source: "–",
    evidence: ({ batchSize }) => batchSize,
  },
  {
    claim: "SAM's minima are flatter: a smaller largest eigenvalue of the Hessian",
    source: "Section 4.2, figure 3: 24.2 and 1.0 after 300 epochs",
    reason: "not measured here yet",
  },
  {
    claim: "m-sharpness foretells the generalisation gap, the more the smaller m",
    source: "Section 4.1, figure 3 (middle)",
    reason: "not measured here yet",
  },
  {
    claim:
      "Leaving out second-order terms does no harm; p = 2 is the best norm; one ascent step is enough",
    source: "Appendix C.3 to C.6",
    reason: "not measured here yet",
  },
  {
    claim: "SAM lowers the error on ImageNet, the more the longer one trains",
    source: "Table 2: ResNet-50, 400 epochs, 22.3 to 20.9 %",
    reason: `not measurable here: ${TOO_LARGE}`,
  },
  {
    claim: "SAM lowers the error of finetuned networks",
    source: "Table 3: EfficientNet-B7 and L2",
    reason: `not measurable here: ${TOO_LARGE}`,
  },
  {
    claim: "SAM lowers the error of large networks on full sets",
    source: "Tables 1 and 5: WRN-28-10, Shake-Shake, PyramidNet",
    reason: `not measurable here: ${TOO_LARGE}`,
  },
];
