/** A spec of one of the suites that fails here, and why that is right. */
export interface Ignored {
  /** The spec's full name. */
  readonly name: string;
  /** Why the backend does not do what the spec wants. */
  readonly reason: string;
}

const SHORTCUT =
  "Windows of one pixel with stride 2 and padding 1 meet three places in the padding " +
  "and one pixel. The spec wants the input back: TensorFlow.js's own kernels skip windows of one " +
  "pixel whenever the output is as large as the input, whatever the stride and the padding";

/** Specs of tfjs-node for which the package on npm lacks the files; our own specs use other files. */
const WITHOUT_FILES: readonly string[] = [
  "decode images decode png",
  "decode images decode png 1 channels",
  "decode images decode png 3 channels",
  "decode images decode png 4 channels",
  "decode images decode bmp",
  "decode images decode bmp through decodeImage",
  "decode images decode jpg",
  "decode images decode jpeg node bindings do not leak",
  "decode images decode jpg 1 channel",
  "decode images decode jpg 3 channels",
  "decode images decode jpg with 0 channels, use the number of channels in the JPEG-encoded image",
  "decode images decode jpg with downscale",
  "decode images decode gif",
  "decode images decode gif with no expandAnimation",
  "decode images throw error if request non int32 dtype",
  "decode images throw error if decode invalid image type",
  "decode images throw error if backend is not tensorflow",
  "SavedModel deserialize SavedModel pb file",
  "SavedModel inspect SavedModel metagraphs",
  "SavedModel get input and output node names from SavedModel metagraphs",
  "SavedModel load TFSavedModel",
  "SavedModel load TFSavedModel with wrong tags throw exception",
  "SavedModel load TFSavedModel with wrong signature throw exception",
  "SavedModel load TFSavedModel and delete",
  "SavedModel delete TFSavedModel multiple times throw exception",
  "SavedModel load multiple signatures from the same metagraph only call binding once",
  "SavedModel load signature after delete call binding",
  "SavedModel throw error when input tensors do not match input ops",
  "SavedModel execute model float times three",
  "SavedModel execute model with tensor array as input",
  "SavedModel execute model with tensor map as input",
  "SavedModel execute model with wrong tensor name",
  "SavedModel execute model with uint8 input",
  "SavedModel execute model with int64 input",
  "SavedModel execute model int times two",
  "SavedModel execute multiple signatures from the same model",
  "SavedModel execute model with single input and multiple outputs",
  "SavedModel execute model with multiple inputs and multiple outputs",
  "SavedModel load multiple models",
  "SavedModel return inputs and outputs",
];

/**
 * The ignored specs run all the same: one that passes, or that no longer exists, fails the run.
 * `kernels_test.ts` shows what the backend computes instead. (tfjs-node's own list has 91 entries,
 * many of them for whole suites.)
 */
export const IGNORED: readonly Ignored[] = [
  {
    name: "avgPool test-tensorflow {} gradient x=[3,3,1] f=[3,3] s=1 p=explicit",
    reason: "Means leave padding out, so gradients are divided by the number of pixels in the " +
      "window. The spec divides by the window's size, which is not the gradient of the means that " +
      "the spec beside it asks for",
  },
  {
    name: "einsum test-tensorflow {} 2d matrix calculate trace: duplicate axes not implemented yet",
    reason: "The spec wants the error that a trace is not implemented yet; TensorFlow computes it",
  },
  {
    name:
      "pool test-tensorflow {} max x=[2,2,3] f=[1,1] s=2 p=1 fractional outputs default rounding",
    reason: SHORTCUT,
  },
  {
    name:
      "pool test-tensorflow {} avg x=[2,2,3] f=[1,1] s=2 p=1 fractional outputs default rounding",
    reason: SHORTCUT,
  },
  ...WITHOUT_FILES.map((name) => ({
    name,
    reason:
      "It reads pictures, SavedModels or a package.json that tfjs-node's package does not hold",
  })),
  {
    name: "conv3d dilations CPU should throw error on dilations >1",
    reason: "The spec wants the error of a kernel without dilations; this backend's has them",
  },
  {
    name: "executeOp throws exception with invalid TF_ATTR_TYPE op attr",
    reason:
      "The last of its values is a list of dtypes for one dtype, of which TensorFlow takes no " +
      "notice; `backend.run` refuses it, and the binding all the others",
  },
];
