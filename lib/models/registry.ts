/** The networks by name. @module */
import type { Model } from "../nn/mod.ts";
import { wideResNet } from "./wide_resnet.ts";

/** What can be asked of any network. */
export interface ModelOptions {
  readonly classes: number;
}

/** A family of networks: the form of its names, and the builder of those that match. */
interface Family {
  /** For messages, with the sizes in angle brackets. */
  readonly form: string;
  readonly name: RegExp;
  build(sizes: readonly number[], options: ModelOptions): Model;
}

const wide: Family["build"] = ([depth, width], { classes }) =>
  wideResNet({ depth: depth!, width: width!, classes });

/** Adding a family is one line here; the numbers in a name are the sizes that it builds with. */
const families: readonly Family[] = [
  { form: "wide_resnet_<depth>_<width>", name: /^wide_resnet_(\d+)_(\d+)$/, build: wide },
  // The reference's spellings.
  { form: "WideResnet<depth>x<width>", name: /^WideResnet(\d+)x(\d+)$/, build: wide },
  { form: "WideResnet_mini", name: /^WideResnet_mini$/, build: (_, o) => wide([16, 1], o) },
];

/** The names that {@linkcode buildModel} knows, with sizes in angle brackets. */
export const modelNames: readonly string[] = families.map(({ form }) => form);

/**
 * Builds a network by its name, such as `wide_resnet_16_4`: the one of depth 16 and width 4.
 *
 * @throws {RangeError} on an unknown name (the message lists the known ones), or sizes that the
 *   network cannot have
 */
export function buildModel(name: string, options: ModelOptions): Model {
  for (const family of families) {
    const sizes = family.name.exec(name)?.slice(1).map(Number);
    if (sizes !== undefined) return family.build(sizes, options);
  }
  throw new RangeError(
    `Cannot build model "${name}": the known names are ${modelNames.join(", ")}`,
  );
}
