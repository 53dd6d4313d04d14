import { integerField } from "../../system/mod.ts";
import { bytesOf } from "./buffer.ts";
import { notNull, type Pointer, pointerArray, tensorflow } from "./library.ts";
import { type NodeOutput, structs } from "./node_output.ts";
import { check, status } from "./status.ts";

/** `RunOptions { trace_level: FULL_TRACE }`, the allocations of memory included. */
const FULL_TRACE = Uint8Array.from(integerField(1, 3));

/** Runs a graph as a function of the context runs, by the same executor, and can tell of each node. */
export class GraphSession implements Disposable {
  readonly #session: Pointer;

  /** @param config a `ConfigProto` */
  constructor(graph: Pointer, config: Uint8Array<ArrayBuffer>) {
    const library = tensorflow();
    const options = notNull(library.TF_NewSessionOptions(), "session options");
    try {
      library.TF_SetConfig(options, config, BigInt(config.length), status());
      check("configure a session");
      const session = library.TF_NewSession(graph, options, status());
      check("open a session");
      this.#session = notNull(session, "session");
    } finally {
      library.TF_DeleteSessionOptions(options);
    }
  }

  /**
   * Computes the fetched outputs and lets go of them.
   *
   * @param tensors of the feeds, `TF_Tensor`s, which stay the caller's
   * @returns a `RunMetadata` if it is asked for
   */
  run(
    feeds: readonly NodeOutput[],
    tensors: readonly Pointer[],
    fetches: readonly NodeOutput[],
    { withMetadata }: { readonly withMetadata: boolean },
  ): Uint8Array | undefined {
    const library = tensorflow();
    const results = new BigUint64Array(fetches.length);
    const options = withMetadata
      ? library.TF_NewBufferFromString(FULL_TRACE, BigInt(FULL_TRACE.length))
      : null;
    const metadata = withMetadata ? notNull(library.TF_NewBuffer(), "buffer") : null;
    try {
      library.TF_SessionRun(
        this.#session,
        options,
        structs(feeds),
        pointerArray(tensors),
        feeds.length,
        structs(fetches),
        results,
        fetches.length,
        null,
        0,
        metadata,
        status(),
      );
      check("run a graph");
      return metadata === null ? undefined : bytesOf(metadata);
    } finally {
      for (const address of results) {
        if (address !== 0n) library.TF_DeleteTensor(Deno.UnsafePointer.create(address));
      }
      for (const buffer of [options, metadata]) {
        if (buffer !== null) library.TF_DeleteBuffer(buffer);
      }
    }
  }

  [Symbol.dispose](): void {
    tensorflow().TF_DeleteSession(this.#session, status()); // closes it too
  }
}
