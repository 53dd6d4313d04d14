import { assertEquals, assertThrows } from "@std/assert";
import { ClusterError, clusterFrom, describeTask } from "../../lib/distributed/mod.ts";

const of = (cluster: unknown, task: unknown) => clusterFrom(JSON.stringify({ cluster, task }));

Deno.test("clusterFrom: the chief is of rank 0, before the workers, as tf.distribute has it", () => {
  const jobs = { worker: ["a:1", "b:2"], chief: ["c:3"] };
  const cluster = of(jobs, { type: "worker", index: 1 })!;
  assertEquals(cluster.rank, 2);
  assertEquals(cluster.tasks, [
    { job: "chief", index: 0, address: "c:3" },
    { job: "worker", index: 0, address: "a:1" },
    { job: "worker", index: 1, address: "b:2" },
  ]);
  assertEquals(describeTask(cluster, 1), "worker 1 of 3 (a:1)");
  assertEquals(of(jobs, { type: "chief", index: 0 })!.rank, 0);
});

Deno.test("clusterFrom: Kubeflow writes the index as text and more beside it", () => {
  const text = JSON.stringify({
    cluster: { worker: ["w-0.ns.svc:2222", "w-1.ns.svc:2222"] },
    task: { type: "worker", index: "1" },
    environment: "cloud",
  });
  assertEquals(clusterFrom(text)!.rank, 1);
});

Deno.test("clusterFrom: an address without a host is on this machine", () => {
  const { tasks } = of({ worker: [":2222", "[::1]:2223"] }, { type: "worker", index: 0 })!;
  assertEquals(tasks.map(({ address }) => address), ["127.0.0.1:2222", "[::1]:2223"]);
});

Deno.test("clusterFrom: nothing, no cluster or one process is no cluster", () => {
  for (const text of [undefined, "", " ", "{}", '{"environment":"cloud"}']) {
    assertEquals(clusterFrom(text ?? ""), undefined);
  }
  assertEquals(of({ worker: ["a:1"] }, { type: "worker", index: 0 }), undefined);
});

const worker = { type: "worker", index: 0 };
const REFUSED: [cluster: unknown, task: unknown, message: string][] = [
  [{ worker: ["a:1", "b:2"], ps: ["c:3"] }, worker, "tasks of type ps"],
  [{ worker: ["a:1", "b:2"], evaluator: ["c:3"] }, worker, "tasks of type evaluator"],
  [{ chief: ["a:1", "b:2"] }, worker, "more than one chief"],
  [{ worker: ["a:1", "a:1"] }, worker, "the address a:1 comes twice"],
  [{ worker: ["b:1", "B:01"] }, worker, "the address b:1 comes twice"],
  [
    { worker: ["a:1", "b:2"] },
    { type: "worker", index: 2 },
    'no task of type "worker" and index 2',
  ],
  [{ worker: ["a:1", "b:2"] }, { type: "chief", index: 0 }, 'no task of type "chief"'],
  [{ worker: ["a:1", "b:2"] }, { type: "worker", index: "" }, 'of type "worker" and index ""'],
  [{ worker: ["a:1", "b:2"] }, { type: "worker", index: null }, 'of type "worker" and index null'],
  [{ worker: ["a:1", "b:2"] }, { type: "worker", index: [1] }, 'of type "worker" and index [1]'],
  [{ worker: ["a:1", "b:2"] }, { type: "worker" }, 'of type "worker" and index undefined'],
  [{ worker: ["a:1", "b:2"] }, undefined, "its task is missing"],
  [{ worker: "a:1" }, worker, 'worker is "a:1", not a list'],
  [undefined, worker, "its cluster is missing"],
  [{ worker: ["a", "b:2"] }, worker, "the address a is not host:port"],
  [{ worker: ["a:0", "b:2"] }, worker, "the address a:0 is not host:port"],
  [{ worker: ["a:65536", "b:2"] }, worker, "the address a:65536 is not host:port"],
  [{ worker: ["a/b:1", "b:2"] }, worker, "the address a/b:1 is not host:port"],
];

for (const [cluster, task, message] of REFUSED) {
  Deno.test(`clusterFrom refuses: ${message}`, () => {
    assertThrows(() => of(cluster, task), ClusterError, message);
  });
}

Deno.test("clusterFrom refuses what is not JSON", () => {
  assertThrows(() => clusterFrom("{"), ClusterError, "it is not JSON");
  assertThrows(() => clusterFrom("[]"), ClusterError, "TF_CONFIG is [], not an object");
});
