"""Prints the sessions that TensorBoard's HParams plugin lists in a folder, as JSON.

    python -m venv .venv/train && .venv/train/bin/pip install tensorboard==2.21.0
    SAM_TENSORBOARD_PYTHON=.venv/train/bin/python deno test -A tests/train/tensorboard_test.ts
"""

import json
import sys

from google.protobuf import json_format
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins import base_plugin
from tensorboard.plugins.hparams import (
    api_pb2,
    backend_context,
    get_experiment,
    list_session_groups,
)

multiplexer = plugin_event_multiplexer.EventMultiplexer()
multiplexer.AddRunsFromDirectory(sys.argv[1])
multiplexer.Reload()
provider = data_provider.MultiplexerDataProvider(multiplexer, sys.argv[1])
context = backend_context.Context(base_plugin.TBContext(data_provider=provider))
request = RequestContext()
experiment = get_experiment.Handler(
    request, context, "", api_pb2.GetExperimentRequest()
).run()
asked = api_pb2.ListSessionGroupsRequest(
    start_index=0,
    slice_size=100,
    allowed_statuses=[0, 1, 2, 3],
    col_params=[api_pb2.ColParams(metric=info.name) for info in experiment.metric_infos],
)
groups = list_session_groups.Handler(
    request, context, "", asked
).run().session_groups
print(json.dumps(sorted([
    {
        "name": group.sessions[0].name,
        "status": json_format.MessageToDict(group.sessions[0])["status"],
        "hparams": json_format.MessageToDict(group)["hparams"],
        "train_loss": next(
            value.value for value in group.metric_values if value.name.tag == "train_loss"
        ),
    }
    for group in groups
], key=lambda session: session["name"])))
