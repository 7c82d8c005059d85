"""The command line as a process of its own: pipes, encodings, what it loads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from branchkit.cli import main

COMMAND = (sys.executable, "-m", "branchkit.cli")


def run(*args: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run((*COMMAND, *args), capture_output=True, env={**os.environ, **environ})


@pytest.mark.parametrize("encoding", ["cp1252", "gbk", "ascii"])
def test_output_is_utf8_whatever_the_system_says(encoding: str) -> None:
    """Chinese is written in UTF-8, also where the system's own encoding is another or has no Chinese."""
    done = run("--no-plugins", "catalog", "list", "--kind", "standard", PYTHONIOENCODING=encoding, PYTHONUTF8="0")

    assert (done.returncode, done.stderr) == (0, b"")
    assert "网点标准" in done.stdout.decode("utf-8")


def test_a_closed_pipe_is_no_crash() -> None:
    """A reader that stops after one line, as `head -1` does, ends the command without a word."""
    args = (*COMMAND, "--no-plugins", "catalog", "schema", "checklist")
    with subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        told = process.stderr.read()

    assert b"Traceback" not in told


def test_import_into_replay_by_a_pipe(tmp_path: Path) -> None:
    """The lines of one process are the input of the next, and the store verifies afterwards."""
    line = {
        "schema": "branchkit.command/1", "kind": "register_branch", "by": {"id": "import:x", "system": True},
        "at": "2026-03-02T10:00:00+08:00", "branch": {"id": "网点-17"},
    }  # fmt: skip
    data = json.dumps(line, ensure_ascii=False).encode()
    store = f"sqlite:///{tmp_path / 'x.db'}"
    args = (*COMMAND, "--no-plugins", "replay", "-", "--store", store, "--json")
    done = subprocess.run(args, input=data, capture_output=True)
    proof = run("--no-plugins", "verify", "--store", store, "--json")

    assert (done.returncode, json.loads(done.stdout)["accepted"]) == (0, 1)
    assert (proof.returncode, json.loads(proof.stdout)["entries"]) == (0, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_progress_is_shown_to_a_terminal_and_leaves_no_trace(tmp_path: Path) -> None:
    """While a terminal looks at standard error it shows a count there, cleared in the end; the results stay clean."""
    import pty

    sheet = {
        "schema": "branchkit.sheet/1", "id": "S-1", "checklist": "outdoor", "version": "1", "branch": "B-1",
        "at": "2026-03-02T10:00:00+08:00", "by": "I-7",
    }  # fmt: skip
    (tmp_path / "sheet.json").write_text(json.dumps(sheet), encoding="utf-8")
    ours, theirs = pty.openpty()
    args = (*COMMAND, "--no-plugins", "score", "sheet.json", "--json")
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=theirs, cwd=tmp_path)
    os.close(theirs)
    shown = os.read(ours, 10_000)
    os.close(ours)

    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1
    assert shown.startswith(b"\rscore: 1")
    assert shown.endswith(b"\r\x1b[K")


def test_a_message_about_any_file_name_can_be_written() -> None:
    """A file's name that is no text is told in a message and does not crash it."""
    if sys.platform == "win32":
        pytest.skip("names are text there")
    args = [os.fsencode(part) for part in (*COMMAND, "--no-plugins", "judge")]
    done = subprocess.run([*args, b"\xff\xfe.json"], capture_output=True)

    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_help_loads_its_own_command_alone() -> None:
    """The help of one command does not load the other commands."""
    code = "import sys; from branchkit.cli.app import build"
    code += "; build()(['--no-plugins', 'hours', '--help'], standalone_mode=False)"
    code += "; print(sorted({'branchkit.cli.judging', 'branchkit.cli.storing'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stdout.splitlines()[-1] == "[]"


def test_a_fault_of_the_program_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What nobody foresaw ends with 3 and its traceback, so that no other program takes it for a "no"."""

    def broken() -> None:
        raise ZeroDivisionError("nobody foresaw it")

    monkeypatch.setattr("branchkit.cli.app.build", broken)

    with pytest.raises(SystemExit) as ended:
        main()

    assert 3 == ended.value.code
    assert "nobody foresaw it" in capsys.readouterr().err
