/** Logits and batch statistics of the reference's networks, number by number. */
import { assert } from "@std/assert";
import { buildModel, efficientNet } from "../../lib/models/mod.ts";
import type { Model } from "../../lib/nn/mod.ts";
import { fixture, largestDifference } from "../_fixtures.ts";
import { recordedDraws } from "../_recorded_draws.ts";
import { assertMatches } from "../_samples.ts";
import { testUnless } from "../_skip.ts";
import { scoped } from "../_tensors.ts";
import { fixtures, wholeFixture } from "../goldens/_fixture_folder.ts";
import { tinyEfficientNet } from "./_tiny_efficientnet.ts";

const CASES: [name: string, model: Model, isWhole?: boolean][] = [
  ["shakeshake_mini_eval", buildModel("WideResnet_ShakeShake_mini", { classes: 10 })],
  ["pyramid_mini_eval", buildModel("Pyramid_ShakeDrop_mini", { classes: 10 }), true],
  ["effnet_tiny_eval", efficientNet(tinyEfficientNet)],
];

for (const [name, model, isWhole = false] of CASES) {
  testUnless(
    isWhole ? fixtures.missing : undefined,
    `networks: logits of ${name} as the reference`,
    scoped(() => {
      const oracle = isWhole ? wholeFixture(name) : fixture(name);
      const variables = { params: oracle.tree("params"), state: oracle.tree("state") };
      const images = oracle.array("image");
      const expected = oracle.array("eval_logits");
      const size = expected.abs().max().dataSync()[0]!;
      const near = (what: string, difference: number) =>
        assert(difference <= 1e-5 * Math.max(1, size), `${what} differ by ${difference}`);
      near("logits", largestDifference(model.apply(variables, images).output, expected));
      if (name === "effnet_tiny_eval") return; // Only evaluated.
      for (const [prefix, trueGradient] of [["train", false], ["train_tg", true]] as const) {
        const uniform = recordedDraws(oracle, (index) => `${prefix}_draw${index}`);
        const pass = model.apply(variables, images, { train: true, trueGradient, uniform });
        near(`${prefix} logits`, largestDifference(pass.output, oracle.array(`${prefix}_logits`)));
        const statistics = oracle.sample(`${prefix}_new_state`);
        assertMatches(pass.state, statistics, 1e-5 * Math.max(1, size), "statistics");
      }
    }),
  );
}
