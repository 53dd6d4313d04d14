/** Every network of the reference: names, shapes and counts, by shape inference only. */
import { assertEquals } from "@std/assert";
import { buildModel } from "../../lib/models/mod.ts";
import { fixtureJson } from "../_fixtures.ts";
import { withoutLeaks } from "../_tensors.ts";

interface Expected {
  readonly image_size: number;
  readonly num_channels: number;
  readonly param_count: Readonly<Record<string, number>>;
  readonly state_count: number;
  readonly params_for_classes: number;
  readonly params: [string, number[]][];
  readonly state: [string, number[]][];
}

Deno.test("networks: names, shapes and counts of all of the reference's", async (t) => {
  const table: Record<string, Expected> = fixtureJson("model_params.json.gz");
  for (const [name, expected] of Object.entries(table)) {
    await t.step(name, () =>
      withoutLeaks(() => {
        const { image_size: size, num_channels: channels, params_for_classes: own } = expected;
        const shapes = (classes: number) =>
          buildModel(name.replace(/@.*/, ""), { classes }).shapes([2, size, size, channels]);
        const found = shapes(own);
        assertEquals([...found.params].sort(), named(expected.params));
        assertEquals([...found.state].sort(), named(expected.state));
        assertEquals(found.output, [2, own]);
        assertEquals(count(found.state), expected.state_count);
        for (const [classes, parameters] of Object.entries(expected.param_count)) {
          assertEquals(count(shapes(Number(classes)).params), parameters);
        }
      }));
  }
});

/** The reference's list; paths of its state begin with a slash. */
function named(list: [string, number[]][]): [string, number[]][] {
  return list.map(([path, shape]): [string, number[]] => [path.replace(/^\//, ""), shape]).sort();
}

function count(shapes: ReadonlyMap<string, readonly number[]>): number {
  return [...shapes.values()].reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
}
