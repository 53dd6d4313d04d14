import { type Attribute, listLength, setAttributes } from "./attributes.ts";
import { context } from "./context.ts";
import { bytesOf } from "./buffer.ts";
import { cName, cString, notNull, type Pointer, readCString, tensorflow } from "./library.ts";
import { type OpDefinition, opDefinition } from "./op_definition.ts";
import { GraphSession } from "./graph_session.ts";
import { type NodeOutput, OUTPUT_SIZE, structs } from "./node_output.ts";
import { check, status } from "./status.ts";
import { deleteTensor } from "./tensor_data.ts";
import { requireShape } from "./shape.ts";

/** A TensorFlow graph under construction, to become a function. {@linkcode delete} it after use. */
export class Graph {
  readonly #pointer = notNull(tensorflow().TF_NewGraph(), "graph");
  #nodes = 0;
  /** What names of nodes begin with: where in a computation they belong, parts ending in `/`. */
  scope = "";
  /** Where the next operations run, as `listDevices` names it; empty: where TensorFlow puts them. */
  device = "";

  /** Nodes made so far. */
  get nodes(): number {
    return this.#nodes;
  }

  /** A node to be fed: an argument of the function. */
  placeholder(dtype: number, shape: readonly number[]): NodeOutput {
    requireShape(shape, true);
    const library = tensorflow();
    const node = this.#newNode("Placeholder");
    library.TF_SetAttrType(node, cName("dtype"), dtype);
    library.TF_SetAttrShape(node, cName("shape"), BigInt64Array.from(shape, BigInt), shape.length);
    return this.#output(this.#finish("Placeholder", node), 0, true);
  }

  /** A constant of the values of `tensor`, which is released. */
  constant(tensor: Pointer): NodeOutput {
    const library = tensorflow();
    const node = this.#newNode("Const");
    library.TF_SetAttrType(node, cName("dtype"), library.TF_TensorType(tensor));
    library.TF_SetAttrTensor(node, cName("value"), tensor, status());
    deleteTensor(tensor);
    check("make a constant");
    return this.#output(this.#finish("Const", node), 0, false);
  }

  /**
   * @param after outputs whose operations have to end before this one begins
   * @throws TensorFlowError if TensorFlow refuses the operation, its inputs or attributes
   */
  operation(
    type: string,
    attributes: readonly Attribute[],
    inputs: readonly NodeOutput[],
    outputs: number,
    after: readonly NodeOutput[] = [],
  ): NodeOutput[] {
    const definition = opDefinition(type);
    const library = tensorflow();
    const groups = groupInputs(type, definition.inputs, attributes, inputs);
    const node = this.#newNode(type);
    if (this.device !== "") library.TF_SetDevice(node, cString(this.device));
    for (const group of groups) {
      if (Array.isArray(group)) library.TF_AddInputList(node, structs(group), group.length);
      else library.TF_AddInput(node, group.struct);
    }
    for (const { struct } of after) library.TF_AddControlInput(node, operationOf(struct));
    setAttributes(node, attributes, "graph");
    const operation = this.#finish(type, node);
    const actual = library.TF_OperationNumOutputs(operation);
    if (actual !== outputs) {
      throw new RangeError(`Cannot trace ${type} for ${outputs} outputs: it has ${actual}`);
    }
    const varies = definition.stateful || inputs.some((input) => input.varies);
    return Array.from({ length: outputs }, (_, index) => this.#output(operation, index, varies));
  }

  /**
   * Adds the graph to the context as a function of that name.
   *
   * @param xla compile it with XLA, which fuses and may round differently
   * @param inline let TensorFlow put it in the place of its calls
   */
  addFunction(
    name: string,
    inputs: readonly NodeOutput[],
    outputs: readonly NodeOutput[],
    { xla = false, inline = true } = {},
  ): void {
    const library = tensorflow();
    const func = library.TF_GraphToFunction(
      this.#pointer,
      cString(name),
      0,
      -1,
      null,
      inputs.length,
      structs(inputs),
      outputs.length,
      structs(outputs),
      null,
      null,
      null,
      status(),
    );
    check(`make a function of the trace ${name}`);
    const defined = notNull(func, "function");
    try {
      if (xla) mark(defined, "_XlaMustCompile");
      if (!inline) mark(defined, "_noinline");
      library.TFE_ContextAddFunction(context(), defined, status());
      check(`add the function ${name}`);
    } finally {
      library.TF_DeleteFunction(defined);
    }
  }

  /** A session on the graph as it is. It has to end before the graph is deleted. */
  session(config: Uint8Array<ArrayBuffer>): GraphSession {
    return new GraphSession(this.#pointer, config);
  }

  /** The name of an output's node. */
  nameOf({ struct }: NodeOutput): string {
    const address = new DataView(struct.buffer).getBigUint64(0, true);
    const operation = notNull(Deno.UnsafePointer.create(address), "operation");
    return readCString(tensorflow().TF_OperationName(operation));
  }

  /** The nodes as a `GraphDef` of `tensorflow/core/framework/graph.proto`. */
  definition(): Uint8Array {
    const library = tensorflow();
    const buffer = notNull(library.TF_NewBuffer(), "buffer");
    try {
      library.TF_GraphToGraphDef(this.#pointer, buffer, status());
      check("describe a graph");
      return bytesOf(buffer);
    } finally {
      library.TF_DeleteBuffer(buffer);
    }
  }

  delete(): void {
    tensorflow().TF_DeleteGraph(this.#pointer);
  }

  #newNode(type: string): Pointer {
    const name = cString(`${this.scope}${type}_${this.#nodes++}`);
    return notNull(tensorflow().TF_NewOperation(this.#pointer, cName(type), name), "node");
  }

  #finish(type: string, node: Pointer): Pointer {
    const operation = tensorflow().TF_FinishOperation(node, status());
    check(`trace ${type}`);
    return notNull(operation, "operation");
  }

  #output(operation: Pointer, index: number, varies: boolean): NodeOutput {
    const library = tensorflow();
    const struct = new Uint8Array(OUTPUT_SIZE);
    const view = new DataView(struct.buffer);
    view.setBigUint64(0, Deno.UnsafePointer.value(operation), true);
    view.setInt32(8, index, true);
    const dtype = library.TF_OperationOutputType(struct);
    const rank = library.TF_GraphGetTensorNumDims(this.#pointer, struct, status());
    if (rank < 0) return { struct, dtype, shape: undefined, varies };
    const sizes = new BigInt64Array(rank);
    library.TF_GraphGetTensorShape(this.#pointer, struct, sizes, rank, status());
    check("infer a shape");
    return { struct, dtype, shape: Array.from(sizes, Number), varies };
  }
}

/**
 * The inputs as an operation's arguments take them, one by one or as lists.
 *
 * @param args see {@linkcode OpDefinition.inputs}
 */
function groupInputs(
  type: string,
  args: OpDefinition["inputs"],
  attributes: readonly Attribute[],
  inputs: readonly NodeOutput[],
): (NodeOutput | NodeOutput[])[] {
  const lists = args.filter((arg) => arg !== 1).length;
  let next = 0;
  const groups = args.map((arg) => {
    if (arg === 1) return inputs.slice(next, ++next)[0] ?? wrongCount();
    // A single list takes what the others leave; several lists have lengths of their own.
    const count = lists === 1 ? inputs.length - (args.length - 1) : listLength(arg, attributes);
    return inputs.slice(next, next += count);
  });
  return next === inputs.length ? groups : wrongCount();

  function wrongCount(): never {
    throw new TypeError(
      `Cannot trace ${type} with ${inputs.length} inputs: it takes ${args.length}`,
    );
  }
}

/** Sets an attribute of a function. */
function mark(defined: Pointer, attribute: string): void {
  const isTrue = Uint8Array.of(0x28, 1); // AttrValue { b: true }
  const library = tensorflow();
  library.TF_FunctionSetAttrValueProto(defined, cName(attribute), isTrue, 2n, status());
  check(`mark a function as ${attribute}`);
}

/** The operation of a `TF_Output`. */
function operationOf(struct: Uint8Array<ArrayBuffer>): Deno.PointerValue {
  return Deno.UnsafePointer.create(new DataView(struct.buffer).getBigUint64(0, true));
}
