import { encodeFlax } from "../checkpoints/mod.ts";
import type { Variables } from "../nn/mod.ts";
import { writeDurably, writing } from "../system/mod.ts";

/**
 * Writes variables for FLAX: `flax.serialization.msgpack_restore` gives a record of `params` and
 * `batch_stats`, as its modules take them. The names of layers are those of google-research/sam.
 *
 * ```ts
 * import { exports, models } from "sam";
 *
 * const model = models.buildModel("wide_resnet_10_1", { classes: 10 });
 * const variables = model.init(0, [1, 16, 16, 3]);
 * await exports.writeFlax(await Deno.makeTempFile(), variables);
 * ```
 */
export async function writeFlax(path: string, { params, state }: Variables): Promise<void> {
  await writing(path, () => writeDurably(path, encodeFlax({ params, batch_stats: state })));
}
