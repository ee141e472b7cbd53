"""What the extension passes to the worker about a durable client."""

import json
from functools import lru_cache


@lru_cache(maxsize=64)
def client_binding(origin: str, hub: str, connection: str, key: str, rpc_port: int) -> str:
    """The JSON text that a parameter with a durable client gets (contract 2.1), keys in the extension's order.

    Args:
        origin: scheme, host and port of the public endpoint, such as ``http://localhost:7071``.
        hub: the task hub, that of the binding or the app's.
        connection: the connection's name, as written in the URLs.
        key: the system key, URL-encoded.
        rpc_port: port of the SDK's local endpoint.
    """
    base = f"{origin}/runtime/webhooks/durabletask"
    start = f"{base}/orchestrators/{{functionName}}[/{{instanceId}}]"
    instance = f"{base}/instances/INSTANCEID"
    query = f"taskHub={hub}&connection={connection}&code={key}"
    binding = {
        "taskHubName": hub,
        "connectionName": None,
        "creationUrls": {
            "createNewInstancePostUri": f"{start}?code={key}",
            "createAndWaitOnNewInstancePostUri": (
                f"{start}?timeout={{timeoutInSeconds}}&pollingInterval={{intervalInSeconds}}&code={key}"
            ),
        },
        "managementUrls": {
            "id": "INSTANCEID",
            "statusQueryGetUri": f"{instance}?{query}",
            "sendEventPostUri": f"{instance}/raiseEvent/{{eventName}}?{query}",
            "terminatePostUri": f"{instance}/terminate?reason={{text}}&{query}",
            "rewindPostUri": f"{instance}/rewind?reason={{text}}&{query}",
            "purgeHistoryDeleteUri": f"{instance}?{query}",
            "restartPostUri": f"{instance}/restart?{query}",
            "suspendPostUri": f"{instance}/suspend?reason={{text}}&{query}",
            "resumePostUri": f"{instance}/resume?reason={{text}}&{query}",
        },
        "baseUrl": base,
        "requiredQueryStringParameters": f"code={key}",
        "rpcBaseUrl": f"http://127.0.0.1:{rpc_port}/durabletask/",
        "httpBaseUrl": None,
    }
    return json.dumps(binding, separators=(",", ":"))
