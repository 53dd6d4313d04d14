/** The sentences of the notebooks' first screens. */
import { assert, assertEquals } from "@std/assert";
import { headline, headlineByVerdict, inOneFigure } from "../../notebooks/experiments/figures.ts";
import { trainingErrors } from "../../notebooks/experiments/notebook_runs.ts";
import type { Comparison } from "../../lib/plots/mod.ts";

/** A comparison of made-up runs, whose difference is 2 points. */
function comparison(
  condition: string,
  names: readonly [treated: string, baseline: string],
  verdict: "lower" | "higher" | "not told apart",
): Comparison {
  const value = verdict === "lower" ? -0.02 : 0.02;
  return {
    ...{ condition, shared: "Fashion-MNIST" },
    treated: { name: names[0], runs: [] },
    baseline: { name: names[1], runs: [] },
    finding: { verdict, value, n: 5, interval: [value - 0.01, value + 0.01] },
    errors: { treated: { value: 0.1, n: 5 }, baseline: { value: 0.1, n: 5 } },
  };
}

Deno.test("a headline says once what may be said of several conditions, each with its interval", () => {
  const found = [
    comparison("no augmentation", ["SAM", "SGD"], "not told apart"),
    comparison("no augmentation", ["SAM", "SGD, longer"], "not told apart"),
    comparison("cutout", ["SAM", "SGD"], "not told apart"),
    comparison("cutout", ["SAM", "SGD, longer"], "higher"),
  ];
  assertEquals(
    headline(found),
    "**Test error (Fashion-MNIST): SAM is not told apart from SGD (no augmentation: 2.0 points " +
      "[1.0, 3.0], n = 5; cutout: 2.0 points [1.0, 3.0], n = 5); no augmentation: SAM is not told " +
      "apart from SGD, longer: 2.0 points [1.0, 3.0], n = 5; cutout: SAM is higher than SGD, longer " +
      "by 2.0 points [1.0, 3.0], n = 5.**",
  );
  assertEquals(headline([]), "**There is nothing to compare.**");
});

Deno.test("what one figure shows is corrected together, whatever figures it comes from", () => {
  const one = comparison("", ["SAM", "SGD"], "lower");
  const alone = { ...one, finding: { ...one.finding, p: 0.03, correctedP: 0.03 } };
  assertEquals(inOneFigure([alone])[0]!.finding.verdict, "lower");
  assertEquals(
    inOneFigure([alone, alone]).map(({ finding }) => [finding.verdict, finding.correctedP]),
    Array(2).fill(["not told apart", 0.06]),
  );
});

Deno.test("training errors say where they are measured", () => {
  assert(/at the parameters w, without augmentation/.test(trainingErrors([]).caption));
});

Deno.test("a headline by verdicts has an interval for what is not told apart too", () => {
  const found = [
    comparison("40 % label noise", ["ρ = 0.1", "ρ = 0"], "lower"),
    comparison("40 % label noise", ["ρ = 0.5", "ρ = 0"], "not told apart"),
    comparison("clean labels", ["ρ = 0.1", "ρ = 0"], "higher"),
  ];
  assertEquals(
    headlineByVerdict(found),
    "**Test error (Fashion-MNIST): 40 % label noise, beside ρ = 0, the error is lower at ρ = 0.1 (by 2.0 " +
      "points [1.0, 3.0], n = 5); not told apart at ρ = 0.5 (2.0 points [1.0, 3.0], n = 5) – clean " +
      "labels, beside ρ = 0, the error is higher at ρ = 0.1 (by 2.0 points [1.0, 3.0], n = 5).**",
  );
});
