/** What the experiments state in their heads, against their records. */
import { assert, assertEquals } from "@std/assert";
import { readRecords } from "../../lib/runs/mod.ts";
import { describeFinding, findings, pairedDifference } from "../../lib/statistics/mod.ts";

const FOLDER = new URL("../../notebooks/experiments/", import.meta.url);

const NAMES = [
  ...["ablations", "best_epoch", "cifar10", "demo", "error_reduction", "fitted_labels"],
  ...["noise_robustness", "precision", "replication", "training_set_size"],
];

for (const name of NAMES) {
  Deno.test(`${name}: its head states command, machine, time and figures, as recorded`, async () => {
    const source = await Deno.readTextFile(new URL(`${name}.ts`, FOLDER));
    const head = source.slice(0, source.indexOf("*/")).replaceAll(/\n \* {3}/g, " ");
    const stated = (what: string) =>
      new RegExp(`^ \\* - ${what}: (.*)$`, "m").exec(head)?.[1] ?? "";
    const records = await readRecords(new URL(`records/${name}.jsonl`, FOLDER));
    const runs = [...records.values()];

    assertEquals(stated("Command"), `\`deno task sweep notebooks/experiments/${name}.ts\``);
    const machines = new Set(runs.map(({ result }) => result.machine));
    const machine = [...machines].join(" and ");
    assert(stated("Machine").startsWith(machine), machine);
    for (const { result: { instructionSet = "" } } of runs) {
      assert(stated("Machine").includes(instructionSet), instructionSet);
    }
    const minutes = runs.reduce((sum, { result }) => sum + result.seconds!, 0) / 60;
    assertEquals(stated("Time"), `${minutes.toFixed(0)} minutes for ${runs.length} runs`);

    const settings = Map.groupBy(runs, ({ config: { seed: _, ...rest } }) => JSON.stringify(rest));
    const means = Array.from(settings.values(), (runs) => {
      const errors = runs.map(({ rows }) => 100 * rows.at(-1)!.testError!);
      return (errors.reduce((sum, error) => sum + error) / runs.length).toFixed(1);
    });
    const figures = Array.from(
      stated("Expected").matchAll(/(\d+\.\d) %/g),
      ([, figure]) => figure!,
    );
    assert(figures.length >= Math.min(3, means.length), `${figures.length} figures`);
    assertEquals(figures.filter((figure) => !means.includes(figure)), []);
  });
}

Deno.test("precision: its head says what pairs of seeds leave possible", async () => {
  const records = await readRecords(new URL("records/precision.jsonl", FOLDER));
  const errorsOf = (precision: string) =>
    [...records.values()].filter(({ config }) => config.precision === precision)
      .sort((a, b) => a.config.seed - b.config.seed)
      .map(({ rows }) => rows.at(-1)!.testError!);
  const [found] = findings([pairedDifference(errorsOf("float32"), errorsOf("bfloat16"))]);
  const source = (await Deno.readTextFile(new URL("precision.ts", FOLDER))).replaceAll(
    "\n * ",
    " ",
  );
  assert(source.includes(`by pairs of seeds it is ${describeFinding(found!)}.`));
});
