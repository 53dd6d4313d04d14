/**
 * The wheels that hold TensorFlow's C library, pinned by name and sha256.
 *
 * The Python 3.12 builds are taken whatever Python is installed: only the native libraries inside
 * are used, and so one file per platform is enough. The NVIDIA packages are those that the wheel's
 * own extra `and-cuda` asks for, in the newest versions on the day TensorFlow 2.21.0 came out.
 */

/** The TensorFlow release whose C library the project is written for. */
export const TENSORFLOW_VERSION = "2.21.0";

/** What an installation computes on: `gpu` is the CUDA build with NVIDIA's libraries. */
export type WheelDevice = "cpu" | "gpu";

/** One pinned wheel. */
export interface Wheel {
  /** The file name, from which pip's name, version and platform tags are read. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The entries that are unpacked, each found at least once; nothing else is ever written. */
  readonly entries: readonly (string | RegExp)[];
}

/** Wheels by device, operating system and architecture, for example `cpu-linux-x86_64`. */
export type WheelTable = Readonly<Record<string, readonly Wheel[]>>;

/** The two libraries that export the C API, by their names, which lie in a wheel's `tensorflow/`. */
export interface Libraries {
  readonly cc: string;
  readonly framework: string;
}

/** The names of the libraries on an operating system. */
export function librariesOn(os: typeof Deno.build.os): Libraries {
  return os === "darwin"
    ? { cc: "libtensorflow_cc.2.dylib", framework: "libtensorflow_framework.2.dylib" }
    : { cc: "libtensorflow_cc.so.2", framework: "libtensorflow_framework.so.2" };
}

const tensorflow = (file: string, bytes: number, sha256: string): Wheel => {
  const { cc, framework } = librariesOn(file.includes("macosx") ? "darwin" : "linux");
  return { file, bytes, sha256, entries: [`tensorflow/${framework}`, `tensorflow/${cc}`] };
};

/** An NVIDIA package: the shared libraries of one folder below `nvidia/`. */
const nvidia = (folder: string, file: string, bytes: number, sha256: string): Wheel => (
  { file, bytes, sha256, entries: [new RegExp(`^nvidia/${folder}/lib/[\\w.-]+\\.so[\\w.]*$`)] }
);

/** What XLA needs of the CUDA compiler: the assembler and the device library. */
const nvcc = (file: string, bytes: number, sha256: string): Wheel => ({
  file,
  bytes,
  sha256,
  entries: [
    "nvidia/cuda_nvcc/bin/ptxas",
    "nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc",
    "nvidia/cuda_nvcc/nvvm/lib64/libnvvm.so",
  ],
});

/** The wheels of TensorFlow 2.21.0. */
export const WHEELS: WheelTable = {
  "cpu-linux-x86_64": [
    tensorflow(
      "tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl",
      274_000_871,
      "dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb",
    ),
  ],
  "cpu-linux-aarch64": [
    tensorflow(
      "tensorflow-2.21.0-cp312-cp312-manylinux_2_27_aarch64.whl",
      281_946_471,
      "b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552",
    ),
  ],
  // Not yet run on a Mac; tests/tensorflow/wheels_test.ts reads the libraries in it.
  "cpu-darwin-aarch64": [
    tensorflow(
      "tensorflow-2.21.0-cp312-cp312-macosx_12_0_arm64.whl",
      223_488_205,
      "56ecd7d47429acbe1df2694d50b75bf9fc3995ac92cb367cd9af6c4780ead712",
    ),
  ],
  "gpu-linux-x86_64": [
    tensorflow(
      "tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl",
      572_611_111,
      "b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0",
    ),
    nvidia(
      "cublas",
      "nvidia_cublas_cu12-12.9.1.4-py3-none-manylinux_2_27_x86_64.whl",
      581_242_350,
      "453611eb21a7c1f2c2156ed9f3a45b691deda0440ec550860290dc901af5b4c2",
    ),
    nvidia(
      "cuda_cupti",
      "nvidia_cuda_cupti_cu12-12.9.79-py3-none-manylinux_2_25_x86_64.whl",
      10_814_997,
      "096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f",
    ),
    nvcc(
      "nvidia_cuda_nvcc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
      40_546_229,
      "5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0",
    ),
    nvidia(
      "cuda_nvrtc",
      "nvidia_cuda_nvrtc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
      89_568_129,
      "210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4",
    ),
    nvidia(
      "cuda_runtime",
      "nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
      3_493_179,
      "25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3",
    ),
    nvidia(
      "cudnn",
      "nvidia_cudnn_cu12-9.19.0.56-py3-none-manylinux_2_27_x86_64.whl",
      657_906_812,
      "ac6ad90a075bb33a94f2b4cf4622eac13dd4dc65cf6dd9c7572a318516a36625",
    ),
    nvidia(
      "cufft",
      "nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
      200_877_592,
      "c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28",
    ),
    nvidia(
      "curand",
      "nvidia_curand_cu12-10.3.10.19-py3-none-manylinux_2_27_x86_64.whl",
      68_295_626,
      "49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e",
    ),
    nvidia(
      "cusolver",
      "nvidia_cusolver_cu12-11.7.5.82-py3-none-manylinux_2_27_x86_64.whl",
      338_117_415,
      "15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88",
    ),
    nvidia(
      "cusparse",
      "nvidia_cusparse_cu12-12.5.10.65-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
      366_465_088,
      "73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78",
    ),
    nvidia(
      "nccl",
      "nvidia_nccl_cu12-2.29.7-py3-none-manylinux_2_18_x86_64.whl",
      293_633_942,
      "ecd0a012051abc20c1aa87328841efa8cade3ced65803046e38c2f03c0891fea",
    ),
    nvidia(
      "nvjitlink",
      "nvidia_nvjitlink_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
      39_748_338,
      "e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9",
    ),
  ],
};

/** What a wheel's file name says: `name-version-python-abi-platform.platform.whl`. */
export function wheelName(file: string): { name: string; version: string; platforms: string[] } {
  const [name, version, , , platforms] = file.replace(/\.whl$/, "").split("-");
  if (!name || !version || !platforms) throw new Error(`Cannot read the wheel's name ${file}`);
  return { name: name.replaceAll("_", "-"), version, platforms: platforms.split(".") };
}

/** Returns the wheels for a device on a platform, or throws with what to do instead. */
export function wheelsFor(table: WheelTable, device: WheelDevice, os: string, arch: string) {
  const wheels = table[`${device}-${os}-${arch}`];
  if (wheels) return wheels;
  const here = Object.keys(table).filter((key) => key.startsWith(`${device}-`))
    .map((key) => key.slice(device.length + 1).replace("-", " "));
  throw new Error(
    `Cannot fetch TensorFlow ${TENSORFLOW_VERSION} (${device}) for ${os} ${arch}: ` +
      `it is pinned for ${here.join(" and ")} only; set SAM_TENSORFLOW to a folder that holds ` +
      `TensorFlow's libraries of your own build`,
  );
}
