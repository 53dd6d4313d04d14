/** The ways in which four workers climb, which training_test.ts tries whole where tests may be slow. */
import { assert, assertEquals } from "@std/assert";
import { missingPosix, testUnless } from "../_skip.ts";
import { gradients } from "./_shares.ts";
import { runWorkers } from "./_workers.ts";

const SCRIPT = `
import { clusterFrom, Workers } from "./lib/distributed/mod.ts";
import { gradients } from "./tests/distributed/_shares.ts";
const workers = await Workers.connect(clusterFrom());
const found = gradients(workers);
await workers.exchange([0]);
console.log(JSON.stringify(found));
workers[Symbol.dispose]();`;

testUnless(
  missingPosix,
  "four workers find the gradient of one process to 1e-5, alone and in twos, with statistics",
  async () => {
    const [ended, alone] = await Promise.all([runWorkers(4, SCRIPT), gradients()]);
    for (const { code, stdout, stderr } of ended) {
      assertEquals(code, 0, stderr + stdout);
      for (const [index, { what, found }] of (JSON.parse(stdout) as typeof alone).entries()) {
        const expected = alone[index]!.found;
        assertEquals(found.length, expected.length, what);
        const difference = Math.max(...found.map((value, at) => Math.abs(value - expected[at]!)));
        assert(difference <= 1e-5, `${what}: they differ by ${difference}`);
      }
    }
    const [first, second] = alone.map(({ found }) => found);
    assert(first!.some((value, at) => Math.abs(value - second![at]!) > 1e-4), "all ways are one");
  },
);
