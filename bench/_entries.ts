import type { PeerCommand } from "./_peer_process.ts";
import type { Setup } from "./_protocol.ts";
import type { Session } from "./_session.ts";

/** A peer's command and what it is to do. */
export interface Entry extends PeerCommand {
  readonly setup: Setup;
}

type Task = Setup["task"];
type Mode = Setup["mode"];

const scripts = `${import.meta.dirname}/peers`;
const permissions = ["ffi", "read", "write", "env", "sys", "run"].map((name) => `--allow-${name}`);

/** Our side: a process of its own like all others, so that memory and threads are its own. */
export function ours(session: Session, task: Task, mode: Mode): Entry {
  return {
    label: `ours, ${mode === "compile" ? "compiled" : "eager"}${inWords(session)}`,
    command: Deno.execPath(),
    args: ["run", "--quiet", "--no-prompt", ...permissions, `${scripts}/sam_deno.ts`],
    setup: { ...session.network, task, mode, precision: session.precision },
  };
}

/** PyTorch in channels-last; none where the session has no Python. */
export function torch(session: Session, task: Task, mode: Mode): Entry[] {
  const { network, precision } = session;
  const label = `PyTorch, ${mode === "compile" ? "torch.compile" : "eager"}${inWords(session)}`;
  return python(session, label, "torch_sam.py", { ...network, task, mode, precision });
}

/** What labels say of another precision than float32. */
export function inWords({ precision }: Pick<Session, "precision">): string {
  return precision === "float32" ? "" : `, ${precision}`;
}

/** JAX, one jitted step in float32; none where the session has no Python, or is in bfloat16. */
export function jax(session: Session, task: Task): Entry[] {
  if (session.precision !== "float32") return [];
  return python(session, "JAX, jit", "jax_sam.py", { ...session.network, task, mode: "compile" });
}

/** Python's tf.data; none where the session has no Python. */
export function tensorFlowData(session: Session, task: Task): Entry[] {
  return python(session, "Python's tf.data", "tf_data.py", {
    ...session.network,
    task,
    mode: "compile",
  });
}

/** PyTorch's DataLoader over Pillow, as torchvision; none where the session has no Python. */
export function torchData(session: Session, task: Task): Entry[] {
  return python(session, "PyTorch's DataLoader", "torch_data.py", {
    ...session.network,
    task,
    mode: "eager",
  });
}

function python({ python }: Session, label: string, script: string, setup: Setup): Entry[] {
  if (python === undefined) return [];
  return [{ label, command: python, args: ["-B", `${scripts}/${script}`], setup }];
}
