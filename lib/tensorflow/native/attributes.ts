import { cName, type Pointer, pointerArray, tensorflow } from "./library.ts";
import { check, status } from "./status.ts";
import { requireShape } from "./shape.ts";

/** `TF_AttrType` (`tensorflow/c/tf_attrtype.h`). */
export const AttributeType = {
  string: 0,
  int: 1,
  float: 2,
  bool: 3,
  type: 4,
  shape: 5,
  function: 8,
} as const;

/**
 * An attribute of an operation, in the form of tfjs-node's `TFEOpAttr`. An array is a list, except
 * that a shape is an array of sizes (-1: unknown) and a list of shapes an array of those.
 */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** Short names for attributes: `attribute.type("T", DType.float32)`. */
export const attribute = {
  string: (name: string, value: string | readonly string[]): Attribute => of(name, "string", value),
  int: (name: string, value: number | readonly number[]): Attribute => of(name, "int", value),
  float: (name: string, value: number | readonly number[]): Attribute => of(name, "float", value),
  bool: (name: string, value: boolean): Attribute => of(name, "bool", value),
  /** A dtype's code, see `DType`. */
  type: (name: string, value: number | readonly number[]): Attribute => of(name, "type", value),
  shape: (name: string, value: readonly number[]): Attribute => of(name, "shape", value),
  shapes: (name: string, value: readonly (readonly number[])[]): Attribute =>
    of(name, "shape", value),
  /** The name of a function of the context. */
  function: (name: string, value: string): Attribute => of(name, "function", value),
};

function of(name: string, type: keyof typeof AttributeType, value: unknown): Attribute {
  return { name, type: AttributeType[type], value };
}

/** How many tensors an input argument takes by an attribute: its number, or the length of its list. */
export function listLength(name: string, attributes: readonly Attribute[]): number {
  const found = attributes.find((attribute) => attribute.name === name);
  return found?.type === AttributeType.int
    ? Number(found.value)
    : (found?.value as number[] | undefined)?.length ?? 0;
}

type Operation = Pointer;
type Name = Uint8Array<ArrayBuffer>;
type Bytes = Uint8Array<ArrayBuffer>;
type Sizes = BigInt64Array<ArrayBuffer>;
type Ints = Int32Array<ArrayBuffer>;
type Pointers = BigUint64Array<ArrayBuffer>;

/** The same setters for an operation that runs at once and for a node of a graph. */
interface Setters {
  string(op: Operation, name: Name, value: Bytes): void;
  int(op: Operation, name: Name, value: bigint): void;
  float(op: Operation, name: Name, value: number): void;
  bool(op: Operation, name: Name, value: number): void;
  type(op: Operation, name: Name, value: number): void;
  shape(op: Operation, name: Name, sizes: Sizes): void;
  function(op: Operation, name: Name, value: Bytes): void;
  strings(op: Operation, name: Name, values: Pointers, lengths: Pointers, count: number): void;
  ints(op: Operation, name: Name, values: Sizes): void;
  floats(op: Operation, name: Name, values: Float32Array<ArrayBuffer>): void;
  types(op: Operation, name: Name, values: Ints): void;
  shapes(op: Operation, name: Name, shapes: Pointers, ranks: Ints, count: number): void;
}

const eager: Setters = {
  string: (op, name, value) =>
    tensorflow().TFE_OpSetAttrString(op, name, value, BigInt(value.length)),
  int: (op, name, value) => tensorflow().TFE_OpSetAttrInt(op, name, value),
  float: (op, name, value) => tensorflow().TFE_OpSetAttrFloat(op, name, value),
  bool: (op, name, value) => tensorflow().TFE_OpSetAttrBool(op, name, value),
  type: (op, name, value) => tensorflow().TFE_OpSetAttrType(op, name, value),
  shape: (op, name, sizes) => {
    tensorflow().TFE_OpSetAttrShape(op, name, sizes, sizes.length, status());
    check("set a shape attribute");
  },
  function: (op, name, value) =>
    tensorflow().TFE_OpSetAttrFunctionName(op, name, value, BigInt(value.length)),
  strings: (op, name, values, lengths, count) =>
    tensorflow().TFE_OpSetAttrStringList(op, name, values, lengths, count),
  ints: (op, name, values) => tensorflow().TFE_OpSetAttrIntList(op, name, values, values.length),
  floats: (op, name, values) =>
    tensorflow().TFE_OpSetAttrFloatList(op, name, values, values.length),
  types: (op, name, values) => tensorflow().TFE_OpSetAttrTypeList(op, name, values, values.length),
  shapes: (op, name, shapes, ranks, count) => {
    tensorflow().TFE_OpSetAttrShapeList(op, name, shapes, ranks, count, status());
    check("set a list of shapes as attribute");
  },
};

const graph: Setters = {
  string: (op, name, value) => tensorflow().TF_SetAttrString(op, name, value, BigInt(value.length)),
  int: (op, name, value) => tensorflow().TF_SetAttrInt(op, name, value),
  float: (op, name, value) => tensorflow().TF_SetAttrFloat(op, name, value),
  bool: (op, name, value) => tensorflow().TF_SetAttrBool(op, name, value),
  type: (op, name, value) => tensorflow().TF_SetAttrType(op, name, value),
  shape: (op, name, sizes) => tensorflow().TF_SetAttrShape(op, name, sizes, sizes.length),
  function: (op, name, value) =>
    tensorflow().TF_SetAttrFuncName(op, name, value, BigInt(value.length)),
  strings: (op, name, values, lengths, count) =>
    tensorflow().TF_SetAttrStringList(op, name, values, lengths, count),
  ints: (op, name, values) => tensorflow().TF_SetAttrIntList(op, name, values, values.length),
  floats: (op, name, values) => tensorflow().TF_SetAttrFloatList(op, name, values, values.length),
  types: (op, name, values) => tensorflow().TF_SetAttrTypeList(op, name, values, values.length),
  shapes: (op, name, shapes, ranks, count) =>
    tensorflow().TF_SetAttrShapeList(op, name, shapes, ranks, count),
};

/** Sets the attributes of an operation (`eager`) or of a node under construction (`graph`). */
export function setAttributes(
  op: Operation,
  attributes: readonly Attribute[],
  target: "eager" | "graph",
): void {
  const setters = target === "eager" ? eager : graph;
  for (const attribute of attributes) setAttribute(setters, op, attribute);
}

const encoder = new TextEncoder();

function setAttribute(setters: Setters, op: Operation, { name, type, value }: Attribute): void {
  const list = Array.isArray(value);
  requireValue(name, type, list ? value : [value]);
  const key = cName(name);
  switch (type) {
    case AttributeType.string:
      if (list) setStrings(setters, op, key, value);
      else setters.string(op, key, bytesOf(value));
      break;
    case AttributeType.int:
      if (list) setters.ints(op, key, BigInt64Array.from(value, BigInt));
      else setters.int(op, key, BigInt(value as number));
      break;
    case AttributeType.float:
      if (list) setters.floats(op, key, Float32Array.from(value));
      else setters.float(op, key, Number(value));
      break;
    case AttributeType.bool:
      if (list) throw new TypeError(`Cannot set attribute ${name}: it is one boolean, not a list`);
      setters.bool(op, key, value ? 1 : 0);
      break;
    case AttributeType.type:
      if (list) setters.types(op, key, Int32Array.from(value));
      else setters.type(op, key, Number(value));
      break;
    case AttributeType.shape:
      if (list && Array.isArray(value[0])) setShapes(setters, op, key, value);
      else setters.shape(op, key, sizesOf(value as number[]));
      break;
    case AttributeType.function:
      setters.function(op, key, encoder.encode(String(value)));
      break;
    default:
      throw new TypeError(`Cannot set attribute ${name}: its type ${type} is not supported`);
  }
}

/** What JavaScript's values of an attribute's type are. */
const EXPECTED: Readonly<Record<number, readonly string[]>> = {
  [AttributeType.string]: ["string", "bytes"],
  [AttributeType.int]: ["number", "bigint"],
  [AttributeType.float]: ["number"],
  [AttributeType.bool]: ["boolean"],
  [AttributeType.type]: ["number"],
  [AttributeType.shape]: ["number", "list"],
  [AttributeType.function]: ["string"],
};

function requireValue(name: string, type: number, values: readonly unknown[]): void {
  const expected = EXPECTED[type];
  if (expected === undefined) return; // refused below
  for (const value of values) {
    const kind = kindOf(value);
    if (type === AttributeType.int && kind === "number" && !Number.isInteger(value)) {
      throw new TypeError(`Cannot set attribute ${name}: it takes integers, not ${value}`);
    }
    if (expected.includes(kind)) continue;
    throw new TypeError(`Cannot set attribute ${name}: it takes a ${expected[0]}, not ${kind}`);
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value instanceof Uint8Array) return "bytes";
  return Array.isArray(value) ? "list" : typeof value;
}

function bytesOf(value: unknown): Bytes {
  return value instanceof Uint8Array ? new Uint8Array(value) : encoder.encode(String(value));
}

// The lengths are read last: the values stay referenced until TensorFlow has copied them.
function setStrings(setters: Setters, op: Operation, name: Name, values: string[]): void {
  const encoded = values.map((value) => encoder.encode(value));
  const lengths = BigUint64Array.from(encoded, (bytes) => BigInt(bytes.length));
  setters.strings(op, name, pointerArray(encoded.map(addressOf)), lengths, encoded.length);
}

function setShapes(setters: Setters, op: Operation, name: Name, values: number[][]): void {
  const shapes = values.map(sizesOf);
  const ranks = Int32Array.from(shapes, (shape) => shape.length);
  setters.shapes(op, name, pointerArray(shapes.map(addressOf)), ranks, shapes.length);
}

function sizesOf(shape: readonly number[]): Sizes {
  requireShape(shape, true);
  return BigInt64Array.from(shape, BigInt);
}

function addressOf(values: BufferSource): Deno.PointerValue {
  return values.byteLength === 0 ? null : Deno.UnsafePointer.of(values);
}
