import { dtypeName } from "./_dtypes.ts";
import { cString, notNull, type Pointer, readCString, tensorflow } from "./_library.ts";
import { check, status } from "./_status.ts";
import { deleteTensor, readTensor } from "./_tensor_data.ts";

/** A checkpoint of TensorFlow's, read by TensorFlow. {@linkcode delete} it after use. */
export class CheckpointReader {
  /** Types (`float32`, …) and shapes by name. */
  readonly entries: ReadonlyMap<string, { readonly dtype: string; readonly shape: number[] }>;
  readonly #path: string;
  readonly #reader: Pointer;

  /**
   * @param path of the checkpoint, without `.index`
   * @throws TensorFlowError if there is none, or its index is damaged
   */
  constructor(path: string) {
    const reader = tensorflow().TF_NewCheckpointReader(cString(path), status());
    check(`read the checkpoint ${path}`);
    this.#path = path;
    this.#reader = notNull(reader, "checkpoint reader");
    this.entries = this.#readEntries();
  }

  /**
   * A copy of the values of one array.
   *
   * @throws TensorFlowError if there is none of the name, or its values are damaged
   */
  read(name: string): ReturnType<typeof readTensor> {
    const tensor = tensorflow().TF_CheckpointReaderGetTensor(
      this.#reader,
      cString(name),
      status(),
    );
    check(`read the checkpoint ${this.#path} at ${name}`);
    const pointer = notNull(tensor, "tensor");
    try {
      return readTensor(pointer);
    } finally {
      deleteTensor(pointer);
    }
  }

  delete(): void {
    tensorflow().TF_DeleteCheckpointReader(this.#reader);
  }

  #readEntries(): CheckpointReader["entries"] {
    const library = tensorflow();
    const entries = new Map<string, { dtype: string; shape: number[] }>();
    for (let index = 0; index < library.TF_CheckpointReaderSize(this.#reader); index++) {
      const name = readCString(library.TF_CheckpointReaderGetVariable(this.#reader, index));
      const key = cString(name);
      const rank = library.TF_CheckpointReaderGetVariableNumDims(this.#reader, key);
      const sizes = new BigInt64Array(rank);
      if (rank > 0) {
        library.TF_CheckpointReaderGetVariableShape(this.#reader, key, sizes, rank, status());
        check(`read the checkpoint ${this.#path} at ${name}`);
      }
      const dtype = dtypeName(library.TF_CheckpointReaderGetVariableDataType(this.#reader, key));
      entries.set(name, { dtype, shape: Array.from(sizes, Number) });
    }
    return entries;
  }
}
