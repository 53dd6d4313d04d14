/** An output of a node of a graph that is being built. */
export interface NodeOutput {
  /** `TF_Output { TF_Operation* oper; int index; }` */
  readonly struct: Uint8Array<ArrayBuffer>;
  readonly dtype: number;
  /** Sizes, -1 where unknown; undefined where not even the rank is known. */
  readonly shape: readonly number[] | undefined;
  /** Whether it depends on an input of the function or on a stateful operation. */
  readonly varies: boolean;
}

/** Bytes of a `TF_Output`. */
export const OUTPUT_SIZE = 16;

/** The outputs one behind the other, as TensorFlow takes them. */
export function structs(outputs: readonly NodeOutput[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(OUTPUT_SIZE * outputs.length);
  outputs.forEach(({ struct }, index) => bytes.set(struct, OUTPUT_SIZE * index));
  return bytes;
}
