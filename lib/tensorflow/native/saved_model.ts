import { cString, notNull, type Pointer, pointerArray, tensorflow } from "./library.ts";
import { check, status } from "./status.ts";

/** Bytes of a `TF_Output`. */
const OUTPUT_SIZE = 16;

/** A SavedModel with its session. {@linkcode delete} it after use. */
export class SavedModel {
  readonly #graph: Pointer;
  readonly #session: Pointer;

  /** @throws TensorFlowError if there is no SavedModel with these tags in the folder */
  constructor(folder: string, tags: readonly string[]) {
    const library = tensorflow();
    const options = notNull(library.TF_NewSessionOptions(), "session options");
    this.#graph = notNull(library.TF_NewGraph(), "graph");
    const names = tags.map(cString);
    const session = library.TF_LoadSessionFromSavedModel(
      options,
      null,
      cString(folder),
      pointerArray(names.map((name) => Deno.UnsafePointer.of(name))),
      names.length,
      this.#graph,
      null,
      status(),
    );
    library.TF_DeleteSessionOptions(options);
    if (session === null) library.TF_DeleteGraph(this.#graph);
    check(`load the saved model ${folder} (tags ${tags.join(", ")})`);
    this.#session = notNull(session, "session");
  }

  /**
   * @param inputs `TF_Tensor`s, which stay the caller's
   * @param inputNames `operation:index` of the graph, one by input
   * @param outputNames the same for what is asked for
   * @returns new `TF_Tensor`s, which are the caller's
   */
  run(
    inputs: readonly Pointer[],
    inputNames: readonly string[],
    outputNames: readonly string[],
  ): Pointer[] {
    if (inputs.length !== inputNames.length) {
      throw new RangeError(
        `Cannot run a saved model with ${inputs.length} tensors: it takes ${inputNames.length}`,
      );
    }
    const results = new BigUint64Array(outputNames.length);
    tensorflow().TF_SessionRun(
      this.#session,
      null,
      this.#outputs(inputNames),
      pointerArray(inputs),
      inputs.length,
      this.#outputs(outputNames),
      results,
      outputNames.length,
      null,
      0,
      null,
      status(),
    );
    check("run a saved model");
    return Array.from(results, (address) => notNull(Deno.UnsafePointer.create(address), "tensor"));
  }

  delete(): void {
    const library = tensorflow();
    library.TF_DeleteSession(this.#session, status()); // closes it too
    library.TF_DeleteGraph(this.#graph);
    check("delete a saved model");
  }

  #outputs(names: readonly string[]): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(OUTPUT_SIZE * names.length);
    const view = new DataView(bytes.buffer);
    names.forEach((name, position) => {
      const [operationName = "", index = "0"] = name.split(":");
      const operation = tensorflow().TF_GraphOperationByName(this.#graph, cString(operationName));
      if (operation === null) {
        throw new Error(`Cannot run a saved model: it has no operation ${operationName}`);
      }
      view.setBigUint64(OUTPUT_SIZE * position, Deno.UnsafePointer.value(operation), true);
      view.setInt32(OUTPUT_SIZE * position + 8, Number(index), true);
    });
    return bytes;
  }
}
