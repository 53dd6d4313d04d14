/** The ground floor: durable writes, digests, names, other programs, the package itself, records, and the reasons of errors. @module */
export { codeVersion } from "./code_version.ts";
export { commitOf } from "./commit.ts";
export { sha256Of, sha256OfFile } from "./digest.ts";
export {
  readIfThere,
  readNamed,
  refuseFolder,
  unwritable,
  writeDurably,
  writing,
} from "./durable.ts";
export { freePorts } from "./free_ports.ts";
export { requireFreeName, requireFunction } from "./free_name.ts";
export { CLONE, commandLine, PROGRAM, SPECIFIER, VERSION } from "./package.ts";
export { type Command, outputOf } from "./program.ts";
export { bytesField, doubleField, fieldsOf, integerField } from "./protobuf.ts";
export { askPython, PYTHONS } from "./python.ts";
export { reasonOf } from "./reason.ts";
export { isRecord } from "./record.ts";
export { signalTo } from "./signal_to.ts";
