import messages from "@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js";
import { bytesOf } from "./buffer.ts";
import { cName, notNull, type Pointer, tensorflow } from "./library.ts";
import { check, status } from "./status.ts";

/** What the engine needs to know of an operation's definition. */
export interface OpDefinition {
  /**
   * For each input argument: 1, or the attribute that gives the number of its tensors, as an integer
   * or as a list of dtypes of that length.
   */
  readonly inputs: readonly (1 | string)[];
  /** For each input argument: the attribute that gives the dtype of its tensors; empty if none. */
  readonly types: readonly string[];
  /** Whether it reads or writes something besides its inputs, as random draws do. */
  readonly stateful: boolean;
}

const known = new Map<string, OpDefinition>();

/** Knows all operations, and has none. */
let graph: Pointer | undefined;

/** @throws TensorFlowError if TensorFlow has no operation of that type */
export function opDefinition(type: string): OpDefinition {
  let definition = known.get(type);
  if (definition === undefined) known.set(type, definition = read(type));
  return definition;
}

interface ArgDef {
  getTypeAttr(): string;
  getNumberAttr(): string;
  getTypeListAttr(): string;
}

function read(type: string): OpDefinition {
  const library = tensorflow();
  graph ??= notNull(library.TF_NewGraph(), "graph");
  const buffer = notNull(library.TF_NewBuffer(), "buffer");
  try {
    library.TF_GraphGetOpDef(graph, cName(type), buffer, status());
    check(`find the operation ${type}`);
    const definition = messages.OpDef.deserializeBinary(bytesOf(buffer));
    const args = definition.getInputArgList() as ArgDef[];
    const types = args.map((arg) => arg.getTypeAttr());
    const inputs = args.map((arg) => arg.getNumberAttr() || arg.getTypeListAttr() || 1);
    return { inputs, types, stateful: definition.getIsStateful() };
  } finally {
    library.TF_DeleteBuffer(buffer);
  }
}
