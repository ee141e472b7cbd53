"""What the app makes of an engine that is killed, or cannot write."""

import json
import resource

from kills import outlive

START = "/api/orchestrators/OrchFunction"
KILLS, SEED = 10, 20_261_126


def test_no_case_is_lost_when_the_engine_is_killed(host, make_client):
    """Starts are sent again with their key, and decisions are not: every case has exactly the outcome promised."""
    outlive(host, make_client, KILLS, SEED)


def test_on_a_full_disk_the_app_refuses_starts_and_says_so(host, make_client):
    """A start is answered 503 as a problem, and health names what fails; with space again both work by themselves."""
    host.start()
    client = make_client(host)
    client.start("before", "PT1H")
    resource.prlimit(host.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    status, _, body = client.send("POST", START, {"title": "full", "author": "disk"})
    assert (status, json.loads(body)["status"]) == (503, 503)
    status, _, body = client.send("GET", "/api/health")
    assert (status, [each["name"] for each in json.loads(body)["checks"] if not each["ok"]]) == (503, ["starts"])
    resource.prlimit(host.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert client.start("after", "PT1H")
    assert client.send("GET", "/api/health")[0] == 200
