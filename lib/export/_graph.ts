/** Graphs as messages of TensorFlow, as far as exports need them. @module */
import messages from "@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js";
import { DType, dtypeName, tf } from "../tensorflow/mod.ts";

/** A `TensorShapeProto`. */
export interface ShapeMessage {
  getDimList(): { getSize(): number }[];
}

/** A `TensorProto`. */
export interface TensorMessage {
  getDtype(): number;
  getTensorShape(): ShapeMessage | undefined;
  getTensorContent_asU8(): Uint8Array;
  getFloatValList(): number[];
  getIntValList(): number[];
  getBoolValList(): boolean[];
}

/** The list of an `AttrValue`. */
export interface ListMessage {
  getSList_asB64(): string[];
  getIList(): number[];
  getFList(): number[];
  getBList(): boolean[];
  getTypeList(): number[];
  getShapeList(): ShapeMessage[];
}

/** An `AttrValue`. */
export interface AttributeMessage {
  getValueCase(): number;
  getS_asB64(): string;
  getI(): number;
  getF(): number;
  getB(): boolean;
  getType(): number;
  getShape(): ShapeMessage;
  getTensor(): TensorMessage;
  getList(): ListMessage;
  serializeBinary(): Uint8Array;
}

/** A `NodeDef`. */
export interface NodeMessage {
  getName(): string;
  setName(name: string): void;
  getOp(): string;
  setOp(op: string): void;
  getInputList(): string[];
  setInputList(inputs: string[]): void;
  getAttrMap(): {
    get(name: string): AttributeMessage | undefined;
    set(name: string, value: AttributeMessage): void;
    del(name: string): void;
    forEach(use: (value: AttributeMessage, name: string) => void): void;
  };
}

/** A `GraphDef`. */
export interface GraphMessage {
  getNodeList(): NodeMessage[];
  getVersions(): { getProducer(): number };
}

/** @param bytes a `GraphDef` */
export function readGraph(bytes: Uint8Array): GraphMessage {
  return messages.GraphDef.deserializeBinary(bytes);
}

/** @param sizes -1 where any size will do */
export function shapeMessage(sizes: readonly number[]): ShapeMessage {
  const shape = new messages.TensorShape();
  shape.setDimList(sizes.map((size) => {
    const dim = new messages.TensorShape.Dim();
    dim.setSize(size);
    return dim;
  }));
  return shape;
}

/** The values of a tensor as an attribute. */
export function tensorAttribute({ dtype, shape, data }: Values): AttributeMessage {
  const tensor = new messages.Tensor();
  tensor.setDtype(dtype);
  tensor.setTensorShape(shapeMessage(shape));
  tensor.setTensorContent(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return attributeMessage("Tensor", tensor);
}

export function attributeMessage(kind: "Tensor" | "Type" | "Shape", value: unknown) {
  const attribute = new messages.AttrValue();
  attribute[`set${kind}`](value);
  return attribute as AttributeMessage;
}

/** What a constant holds. */
export interface Values {
  /** A code of `DType`. */
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** @throws TypeError for dtypes that no network of ours computes with */
export function valuesOf(tensor: TensorMessage): Values {
  const dtype = tensor.getDtype();
  const shape = (tensor.getTensorShape()?.getDimList() ?? []).map((dim) => dim.getSize());
  const bytes = tensor.getTensorContent_asU8().slice();
  const size = tf.util.sizeFromShape(shape);
  // One value stands for all that are left out.
  const full = <T>(values: readonly T[]) =>
    Array.from({ length: size }, (_, at) => values[Math.min(at, values.length - 1)]!);
  const isListed = bytes.length === 0;
  switch (dtype) {
    case DType.float32: {
      const listed = tensor.getFloatValList();
      const data = isListed ? Float32Array.from(full(listed)) : new Float32Array(bytes.buffer);
      return { dtype, shape, data };
    }
    case DType.int32: {
      const listed = tensor.getIntValList();
      const data = isListed ? Int32Array.from(full(listed)) : new Int32Array(bytes.buffer);
      return { dtype, shape, data };
    }
    case DType.bool: {
      const listed = tensor.getBoolValList().map(Number);
      return { dtype, shape, data: isListed ? Uint8Array.from(full(listed)) : bytes };
    }
  }
  throw new TypeError(`Cannot export a constant of ${dtypeName(dtype)}`);
}
