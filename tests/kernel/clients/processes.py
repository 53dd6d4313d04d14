"""Comms both ways, the evaluator killed in a cell, restart, what is left behind; prints JSON.

    python processes.py [kernel]
"""
import json
import os
import signal
import subprocess
import sys
import time

from jupyter_client.manager import KernelManager

kernel = sys.argv[1] if len(sys.argv) > 1 else "deno-sam"
PATIENCE = 60  # in seconds, for what comes at once on an idle machine
result = {}


def children(pid):
    lines = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True).stdout
    pairs = [tuple(map(int, line.split())) for line in lines.splitlines()]
    return [child for child, parent in pairs if parent == pid]


def is_evaluator(pid):
    with open(f"/proc/{pid}/cmdline") as command:
        return "\0jupyter\0" in command.read()


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def left(family):
    """How many still run, once all have had the time to end."""
    end = time.time() + PATIENCE
    while any(map(is_running, family)) and time.time() < end:
        time.sleep(0.1)
    return sum(map(is_running, family))


def messages(client, msg_id):
    found = []
    while True:
        message = client.get_iopub_msg(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") != msg_id:
            continue
        found.append(message)
        content = message["content"]
        if message["msg_type"] == "status" and content["execution_state"] == "idle":
            return found


def shown(client, code):
    found = messages(client, client.execute(code))
    return [m["content"]["data"]["text/plain"].strip('"') for m in found if m["msg_type"] == "execute_result"]


def send_comm(client, msg_type, content, buffers=None):
    message = client.session.msg(msg_type, content)
    client.session.send(client.shell_channel.socket, message, buffers=buffers)
    return messages(client, message["header"]["msg_id"])


start = time.time()
manager = KernelManager(kernel_name=kernel)
manager.start_kernel()
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=PATIENCE)
result["start_s"] = round(time.time() - start, 2)
assert shown(client, '"a"') == ["a"]
result["first_cell_s"] = round(time.time() - start, 2)

# The connection file and the sockets.
result["connection_file_mode"] = oct(os.stat(manager.connection_file).st_mode & 0o777)

# Comms: the front end opens one and sends bytes; the kernel answers with them.
messages(client, client.execute("""
globalThis[Symbol.for("jupyter.comms")].register("echo", (comm, { data }) => {
  void comm.send({ opened: data.x });
  comm.onMessage = ({ data, buffers }) => comm.send({ twice: data.n * 2 }, { buffers });
});"""))
opened = send_comm(client, "comm_open", {"comm_id": "one", "target_name": "echo", "data": {"x": 5}})
assert [m["content"]["data"] for m in opened if m["msg_type"] == "comm_msg"] == [{"opened": 5}]
begin = time.time()
for n in range(30):
    answer = send_comm(client, "comm_msg", {"comm_id": "one", "data": {"n": n}}, [b"\1\2\3"])
    (echo,) = [m for m in answer if m["msg_type"] == "comm_msg"]
    assert echo["content"]["data"] == {"twice": 2 * n}
    assert [bytes(b) for b in echo["buffers"]] == [b"\1\2\3"]
result["comm_round_trip_ms"] = round((time.time() - begin) / 30 * 1000, 1)
unknown = send_comm(client, "comm_open", {"comm_id": "two", "target_name": "none", "data": {}})
assert [m["msg_type"] for m in unknown if m["msg_type"].startswith("comm")] == ["comm_close"]

# A wrong signature: dropped, and the kernel goes on.
client.session.key, key = b"wrong", client.session.key
client.execute('globalThis.intruder = "was here"')
client.session.key = key
assert shown(client, "globalThis.intruder ?? 'nobody'") == ["nobody"]
result["wrong_signature_dropped"] = True

# The evaluator killed in a cell.
relay = manager.provisioner.pid
# Beside it, a language server may be there.
(evaluator,) = [child for child in children(relay) if is_evaluator(child)]
cell = client.execute('console.log("runs"); await new Promise((done) => setTimeout(done, 600_000))')
while (message := client.get_iopub_msg(timeout=PATIENCE))["msg_type"] != "stream":
    pass
os.kill(evaluator, signal.SIGKILL)
begin = time.time()
while (message := client.get_iopub_msg(timeout=PATIENCE))["msg_type"] != "error":
    pass
result["told_after_kill_s"] = round(time.time() - begin, 3)
result["told"] = message["content"]["ename"]
messages(client, cell)
assert shown(client, '"again"') == ["again"]
result["next_cell_after_kill_s"] = round(time.time() - begin, 2)

# Restart, both ways; then the client's server ends without a word.
for now in (False, True):
    begin = time.time()
    manager.restart_kernel(now=now)
    client.wait_for_ready(timeout=PATIENCE)
    assert shown(client, '"b"') == ["b"]
    result[f"restart_{'now' if now else 'gently'}_s"] = round(time.time() - begin, 2)
relay = manager.provisioner.pid
family = [relay, *children(relay)]
os.kill(relay, signal.SIGKILL)
result["left_after_kill_of_the_relay"] = left(family)
manager.restart_kernel(now=True)
client.wait_for_ready(timeout=PATIENCE)
relay = manager.provisioner.pid
family = [relay, *children(relay)]
client.stop_channels()
manager.shutdown_kernel()
result["left_after_shutdown"] = left(family)
print(json.dumps(result))
if result["left_after_kill_of_the_relay"] or result["left_after_shutdown"]:
    sys.exit(1)
