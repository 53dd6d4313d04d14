import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import type { Workers } from "../../lib/distributed/mod.ts";
import { tf } from "../../lib/tensorflow/mod.ts";
import { Crew } from "../../lib/train/_crew.ts";

type Properties = Readonly<Record<string, string>>;
type Position = Parameters<Crew["agreeOn"]>[2];

/** What a worker with this configuration compares with the others. */
async function agreedOn(config: Readonly<Record<string, unknown>>): Promise<Properties> {
  let found: Properties = {};
  const workers = { agree: (properties: Properties) => Promise.resolve(void (found = properties)) };
  const crew = new Crew(workers as unknown as Workers);
  const state = {
    params: { w: tf.scalar(1) },
    state: {},
    optimizer: {},
    step: tf.scalar(0, "int32"),
  };
  const position = { epoch: 0, stepInEpoch: 0, state } as unknown as Position;
  await crew.agreeOn(config, { epochs: 1 }, position);
  tf.dispose([state.params.w, state.step]);
  return found;
}

Deno.test("crew: the first sum at the end has to succeed, in the last another may be gone", async () => {
  const parting = async (...sums: readonly (Error | undefined)[]) => {
    let count = 0;
    const exchange = () => {
      const error = sums[count++];
      return error ? Promise.reject(error) : Promise.resolve([[0], [0]]);
    };
    await new Crew({ exchange } as unknown as Workers).part();
    return count;
  };
  const gone = new Error("worker 0 of 2 does not answer");
  assertEquals(await parting(), 2);
  assertEquals(await parting(undefined, gone), 2);
  await assertRejects(() => parting(gone), Error, "does not answer");
});

Deno.test("crew: workers agree on every value of a configuration, nested ones too", async () => {
  const config = { rate: 0.1, layers: { width: 8, depth: 2 } };
  const found = await agreedOn(config);
  assertEquals(await agreedOn({ layers: { width: 8, depth: 2 }, rate: 0.1 }), found);
  for (const other of [{ ...config, rate: 0.2 }, { ...config, layers: { width: 9, depth: 2 } }]) {
    const difference = await agreedOn(other);
    assertNotEquals(difference["another configuration"], found["another configuration"]);
  }
});
