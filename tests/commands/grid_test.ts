import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/commands/_flags.ts";
import { parseGrid } from "../../lib/commands/_grid.ts";

Deno.test("grid: settings by flag, by entry, by last word, in the reference's spelling", () => {
  const cases: [assignment: string, grid: Record<string, unknown[]>][] = [
    ["sam-rho=0,0.02,0.05", { samRho: [0, 0.02, 0.05] }],
    ["sam_rho=0.1", { samRho: [0.1] }],
    ["samRho=0.1", { samRho: [0.1] }],
    ["--sam-rho=0.1", { samRho: [0.1] }],
    ["rho=0, 0.05", { samRho: [0, 0.05] }],
    ["m=none,16", { m: ["none", 16] }],
    ["m=0", { m: ["none"] }],
    ["model_name=WideResnet28x10,Resnet50", { model: ["WideResnet28x10", "Resnet50"] }],
    ["num_epochs=1,2", { epochs: [1, 2] }],
    ["use_rmsprop=true,false", { optimizer: ["rmsprop", "sgd"] }],
    ["lr_schedule=exponential", { schedule: ["exponential"] }],
    ["evaluate-top5=true,false", { evaluateTop5: [true, false] }],
  ];
  for (const [assignment, grid] of cases) {
    assertEquals(parseGrid([assignment], {}), grid, assignment);
  }
  assertEquals(parseGrid(["rho=0", "batch-size=1,2"], {}), { samRho: [0], batchSize: [1, 2] });
});

Deno.test("grid: a value that the command line gives too is a value all the same", () => {
  assertEquals(parseGrid(["epochs=1,2"], { epochs: 1 }), { epochs: [1, 2] });
});

Deno.test("grid: what cannot be is refused with its name", () => {
  const cases: [assignments: string[], message: string][] = [
    [["rho"], "--grid must be NAME=VALUE,…, got rho"],
    [["rho="], "--grid must be NAME=VALUE,…, got rho="],
    [["rho=-1"], "--grid sam-rho must be a number >= 0, got -1"],
    [["rho=0,,1"], "--grid sam-rho needs a value"],
    [["rh=1"], "There is no setting rh; did you mean"],
    [["size=1"], "There is no setting size; did you mean image-size or batch-size or"],
    [["seed=1,2"], "Seeds are given by --seeds"],
    [["rho=0", "sam-rho=1"], "--grid sam-rho is given twice"],
    [["additional-checkpoints-at-epochs=1,2"], "each of its values is a list"],
    [["use_learning_rate_schedule=true"], "sets no entry of its own"],
    [["cell=a"], "Cannot use --cell"],
  ];
  for (const [assignments, message] of cases) {
    assertThrows(() => parseGrid(assignments, {}), UsageError, message);
  }
});
