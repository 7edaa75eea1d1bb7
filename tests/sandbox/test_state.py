import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from controller.sandbox import InjectedFault, Sandbox, StateFileError, WallClock
from controller.sandbox.storage import FORMAT, LOAD
from tests.sandbox.conftest import IMAGE, client_of, make_config, make_model

WRITER = """
import sys
from pathlib import Path
from controller.sandbox import Sandbox
from tests.sandbox.conftest import client_of
aws = client_of(Sandbox(state=Path(sys.argv[1])))
for number in range(int(sys.argv[3])):
    print(aws.create_model_package(ModelPackageGroupName="g")["ModelPackageArn"], flush=True)
"""


def start_writer(state: Path, environment: dict[str, str], count: int) -> "subprocess.Popen[str]":
    """Start a process that creates versions."""
    command = [sys.executable, "-c", WRITER, str(state), "-", str(count)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_a_state_outlives_its_sandbox(tmp_path: Path) -> None:
    """Reopened, a state has resources, tags, tokens, numbers, stale rows and the time."""
    state = tmp_path / "deep" / "state.db"
    first = Sandbox(state=state)
    aws = client_of(first)
    make_model(aws)
    make_config(aws, "c")
    aws.create_endpoint(EndpointName="e", EndpointConfigName="c", Tags=[{"Key": "k", "Value": "v"}])
    aws.create_model_package_group(ModelPackageGroupName="g")
    arn = aws.create_model_package(ModelPackageGroupName="g", ClientToken="t")["ModelPackageArn"]
    first.clock.advance(50)
    first.inject(InjectedFault.STALE, seconds=1000)
    aws.create_model(ModelName="late", PrimaryContainer={"Image": IMAGE})
    before = first.resources()
    first.close()

    second = Sandbox(state=state)
    aws = client_of(second)
    assert second.clock.now() == first.clock.now()
    assert second.resources() == before
    assert [one["ModelName"] for one in aws.list_models()["Models"]] == ["m"]
    endpoint = aws.describe_endpoint(EndpointName="e")
    assert endpoint["EndpointStatus"] == "Creating"
    assert aws.list_tags(ResourceArn=endpoint["EndpointArn"])["Tags"] == [{"Key": "k", "Value": "v"}]
    replay = aws.create_model_package(ModelPackageGroupName="g", ClientToken="t")
    assert replay["ModelPackageArn"] == arn
    assert aws.create_model_package(ModelPackageGroupName="g")["ModelPackageArn"].endswith("/g/2")
    second.clock.advance(130)
    assert aws.describe_endpoint(EndpointName="e")["EndpointStatus"] == "InService"
    aws.delete_model(ModelName="m")
    second.close()
    assert not any(one.endswith("model/m") for one in Sandbox(state=state).resources())


def test_states_grow_while_nobody_looks(tmp_path: Path) -> None:
    """On the wall clock an endpoint becomes InService although no process runs."""

    class Later(WallClock):
        def now(self) -> float:
            return super().now() + 300

    first = Sandbox(state=tmp_path / "s.db", clock=WallClock())
    aws = client_of(first)
    make_model(aws)
    make_config(aws, "c")
    aws.create_endpoint(EndpointName="e", EndpointConfigName="c")
    assert aws.describe_endpoint(EndpointName="e")["EndpointStatus"] == "Creating"
    first.close()
    again = client_of(Sandbox(state=tmp_path / "s.db", clock=Later()))
    assert again.describe_endpoint(EndpointName="e")["EndpointStatus"] == "InService"


def test_two_processes_write_one_state(tmp_path: Path, environment: dict[str, str]) -> None:
    """Versions that two processes create concurrently all exist, each with its own number."""
    sandbox = Sandbox(state=tmp_path / "s.db")
    aws = client_of(sandbox)
    aws.create_model_package_group(ModelPackageGroupName="g")
    writers = [start_writer(tmp_path / "s.db", environment, 20) for _ in range(2)]
    lines = [line for one in writers for line in one.communicate(timeout=60)[0].split()]
    assert [one.returncode for one in writers] == [0, 0]
    assert len(set(lines)) == 40
    assert {one for one in sandbox.resources() if ":model-package/" in one} == set(lines)


def test_what_was_answered_survives_a_kill(tmp_path: Path, environment: dict[str, str]) -> None:
    """Every version whose ARN a process returned before it was killed is in the state."""
    sandbox = Sandbox(state=tmp_path / "s.db")
    client_of(sandbox).create_model_package_group(ModelPackageGroupName="g")
    with start_writer(tmp_path / "s.db", environment, 10_000) as victim:
        assert victim.stdout is not None
        lines = [victim.stdout.readline().strip() for _ in range(5)]
        victim.kill()
    assert set(lines) <= set(Sandbox(state=tmp_path / "s.db").resources())


def test_a_reset_empties_the_state(tmp_path: Path) -> None:
    """After a reset no resource exists, here or in a reopened state."""
    sandbox = Sandbox(state=tmp_path / "s.db")
    make_model(client_of(sandbox))
    sandbox.reset()
    assert sandbox.resources() == ()
    make_model(client_of(sandbox))
    assert len(Sandbox(state=tmp_path / "s.db").resources()) == 1


def test_a_state_of_the_former_format_is_read(tmp_path: Path) -> None:
    """A file whose column and collection had other names keeps its contents, stale reads included."""
    state = tmp_path / "state.db"
    first = Sandbox(state=state)
    make_model(client_of(first))
    first.inject(InjectedFault.STALE, seconds=1000)
    client_of(first).create_model(ModelName="late", PrimaryContainer={"Image": IMAGE})
    before = first.resources()
    first.close()
    with closing(sqlite3.connect(state)) as base:
        base.execute("ALTER TABLE entry RENAME COLUMN collection TO shelf")
        changed = base.execute("UPDATE entry SET shelf = 'ghosts' WHERE shelf = 'stale_rows'").rowcount
        base.commit()
    assert changed
    second = Sandbox(state=state)
    assert second.resources() == before
    assert [one["ModelName"] for one in client_of(second).list_models()["Models"]] == ["m"]


def _write_state(path: Path) -> None:
    """A state with a resource, a stale row, a client token and a counter."""
    first = Sandbox(state=path)
    aws = client_of(first)
    aws.create_model_package_group(ModelPackageGroupName="g")
    aws.create_model_package(ModelPackageGroupName="g", ClientToken="t")
    first.inject(InjectedFault.STALE, seconds=1000)
    aws.create_model(ModelName="late", PrimaryContainer={"Image": IMAGE})
    first.close()


def _change_state(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as base:
        assert base.execute(statement, values).rowcount
        base.commit()


def test_a_file_that_is_no_state_is_refused_and_stays(tmp_path: Path) -> None:
    """Text, a foreign database, a truncated one or a folder: an error that names it, and not a byte is changed."""
    good = tmp_path / "good.db"
    _write_state(good)
    whole = good.read_bytes()
    path = tmp_path / "state.db"
    for content in (
        b"x",
        b"not a database" * 100,
        whole[:100],
        whole[:5000],
        b"\0" * 4096,
        whole[:16] + b"\xff" * 84,
    ):
        path.write_bytes(content)
        with pytest.raises(StateFileError, match=r"state\.db"):
            Sandbox(state=path)
        assert path.read_bytes() == content
    with pytest.raises(StateFileError, match="can't be used"):
        Sandbox(state=tmp_path)


@pytest.mark.parametrize(
    "text", ["", "x", "null", "7", "[]", "{}", '{"arn": 1}', '[{"before": 7}]', '"text"']
)
def test_a_damaged_entry_is_named(tmp_path: Path, text: str) -> None:
    """A value of another form in any collection is an error with its key, or harmless."""
    path = tmp_path / "state.db"
    _write_state(path)
    with closing(sqlite3.connect(path)) as base:
        collections = {row[0] for row in base.execute("SELECT DISTINCT collection FROM entry")}
        whole = dict(base.execute("SELECT collection, value FROM entry"))
    assert collections == set(LOAD)
    for collection in collections:
        _change_state(path, "UPDATE entry SET value = ? WHERE collection = ?", text, collection)
        try:
            Sandbox(state=path).close()
        except StateFileError as error:
            assert collection in str(error)  # noqa: PT017 - not every text is an error in every collection
        else:
            assert (collection, text) in {("counters", "7"), ("stale_rows", "[]"), ("stale_rows", "{}")}
        _change_state(path, "UPDATE entry SET value = ? WHERE collection = ?", whole[collection], collection)


def test_a_later_format_is_refused_in_words(tmp_path: Path) -> None:
    """A file of a later version names both formats, and is not changed."""
    path = tmp_path / "state.db"
    _write_state(path)
    with closing(sqlite3.connect(path)) as base:
        assert base.execute("PRAGMA user_version").fetchone() == (FORMAT,)
        base.execute("PRAGMA user_version=7")
    with pytest.raises(StateFileError, match=f"format 7, and this version of the sandbox reads {FORMAT}"):
        Sandbox(state=path)


def test_only_the_owner_may_read_a_state(tmp_path: Path) -> None:
    """Requests have secrets, so no file of a state is readable by others."""
    path = tmp_path / "state.db"
    first = Sandbox(state=path)
    make_model(client_of(first))
    files = list(tmp_path.iterdir())
    assert path in files
    assert {each.stat().st_mode & 0o077 for each in files} == {0}
    first.close()
