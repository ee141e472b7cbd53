"""Blob bindings on the local host: where blobs lie, how paths are read, and what a failure to write costs."""

import azure.durable_functions as df
import azure.functions as func
import pytest

from devhost.app.bindings.blobs import Blobs

APP = df.DFApp()


@APP.orchestration_trigger(context_name="context")
def Copy(context):  # noqa: N802
    """Write, then read back."""
    given = context.get_input()
    yield context.call_activity("Write", given)
    return (yield context.call_activity("Read", given))


@APP.activity_trigger(input_name="what")
@APP.blob_output(arg_name="out", path="%CONTAINER%/{data.place.folder}/{NAME}.txt", connection="AzureWebJobsStorage")
def Write(what: dict, out: func.Out[str]) -> str:  # noqa: N802
    """Set what it is given; null sets nothing."""
    if what["text"] is not None:
        out.set(what["text"])
    return "done"


@APP.activity_trigger(input_name="what")
@APP.blob_input(arg_name="kept", path="%CONTAINER%/{what.place.folder}/{name}.txt", connection="AzureWebJobsStorage")
@APP.durable_client_input(client_name="client")
async def Read(what: dict, kept: func.InputStream, client) -> str:  # noqa: N802, ARG001
    """What is there; an activity may have a durable client too."""
    status = await client.get_status("copy")
    return f"{kept.read().decode() if kept else None} {status.runtime_status.value}"


@pytest.fixture
def host(durable_host, monkeypatch):
    """A host whose blobs are in memory."""
    monkeypatch.setenv("CONTAINER", "kept")
    return durable_host(APP)


def run(host, text="ä", **more):
    """Run it once: its status."""
    host.start("Copy", {"text": text, "place": {"folder": "f"}, "name": "n"} | more, "copy")
    return host.status("copy")


def test_what_an_activity_sets_is_the_blob_that_the_next_one_reads(host):
    """The path's parts come from the input, under `data`, the parameter's name or its own, and from a setting."""
    assert run(host).output == "ä Running"
    assert host.blobs == {"kept/f/n.txt": "ä".encode()}


def test_a_blob_is_written_over_and_an_output_that_is_not_set_writes_nothing(host):
    """Both as a storage account has it."""
    run(host, "first")
    assert run(host, None).output == "first Running"
    assert run(host, "second").output == "second Running"


def test_a_blob_that_is_not_there_is_none(host):
    """The function decides what that means."""
    assert run(host, None).output == "None Running"


def test_an_expression_without_a_value_fails_the_function(host):
    """With the words of the WebJobs SDK."""
    status = run(host, place={})
    assert status.runtime_status == "Failed"
    assert "No value for named parameter 'data.place.folder'." in status.output


@pytest.mark.parametrize("name", ["../x", "..", "a//b", "a\\b", "", "x" * 1100, "a/../../../../etc/passwd"])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path, name):
    """Nothing is written anywhere."""
    with pytest.raises(ValueError, match="no name of a blob"):
        Blobs(tmp_path / "blobs").write(f"container/{name}", b"x")
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize("container", ["Upper", "a", "a--b", "..", "a_b"])
def test_a_container_has_the_name_that_a_storage_account_takes(tmp_path, container):
    """Better refused here than in Azure."""
    with pytest.raises(ValueError, match="no name of a container"):
        Blobs(tmp_path).write(f"{container}/x", b"x")


def test_a_blob_is_there_whole_or_not_at_all(tmp_path, monkeypatch):
    """A disk that fails leaves the old content, and no rest beside it."""
    blobs = Blobs(tmp_path)
    blobs.write("container/a/b.txt", b"old")

    def fail(_):
        raise OSError("no space left")

    monkeypatch.setattr("devhost.app.bindings.blobs.os.fsync", fail)
    with pytest.raises(OSError, match="no space"):
        blobs.write("container/a/b.txt", b"new")
    assert blobs.read("container/a/b.txt") == b"old"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["b.txt"]
