"""Where files live: options, then the environment, then the defaults; the same for both sides."""

from pathlib import Path

from osago_core import paths

OPTION = Path("option")


def test_options_win_over_the_environment():
    env = {"OSAGO_SOCKET": "/s", "OSAGO_STATE_DIR": "/d", "OSAGO_INSURERS": "/i"}
    for find in (paths.socket_path, paths.state_dir, paths.insurers_file):
        assert find(OPTION, env) == OPTION
    assert paths.socket_path(None, env) == Path("/s")
    assert paths.state_dir(None, env) == Path("/d")
    assert paths.insurers_file(None, env) == Path("/i")


def test_a_login_has_its_own_socket_and_state(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "SYSTEM_SOCKET", tmp_path / "none")
    env = {"XDG_RUNTIME_DIR": "/run/user/1", "XDG_STATE_HOME": "/state", "HOME": "/home/a"}
    assert paths.socket_path(None, env) == Path("/run/user/1/osago/osago.sock")
    assert paths.state_dir(None, env) == Path("/state/osago")
    assert paths.state_dir(None, {"HOME": "/home/a"}) == Path("/home/a/.local/state/osago")


def test_without_a_daemon_of_ones_own_the_system_service_is_reached(tmp_path, monkeypatch):
    system = tmp_path / "system.sock"
    monkeypatch.setattr(paths, "SYSTEM_SOCKET", system)
    env = {"XDG_RUNTIME_DIR": str(tmp_path)}
    own = tmp_path / "osago" / "osago.sock"
    assert paths.socket_path(None, env) == own
    system.touch()
    assert paths.socket_path(None, env) == system
    own.parent.mkdir()
    own.touch()
    assert paths.socket_path(None, env) == own


def test_a_system_service_that_we_may_not_look_at_is_there_all_the_same(monkeypatch):
    def forbidden(_path):
        raise PermissionError

    monkeypatch.setattr(Path, "lstat", forbidden)
    assert paths.is_there(Path("/run/osago/osago.sock"))


def test_a_daemon_serves_its_own_socket_even_where_the_system_has_one(tmp_path, monkeypatch):
    system = tmp_path / "system.sock"
    system.touch()
    monkeypatch.setattr(paths, "SYSTEM_SOCKET", system)
    own = paths.own_socket_path(None, {"XDG_RUNTIME_DIR": str(tmp_path)})
    assert own == tmp_path / "osago" / "osago.sock"
    assert paths.own_socket_path(None, {"RUNTIME_DIRECTORY": "/run/osago"}) == Path(
        "/run/osago/osago.sock"
    )


def test_a_users_insurers_file_wins_over_the_shipped_one(tmp_path):
    env = {"HOME": str(tmp_path)}
    assert paths.insurers_file(None, env) == paths.shipped("insurers.toml")
    mine = tmp_path / ".config/osago/insurers.toml"
    mine.parent.mkdir(parents=True)
    mine.touch()
    assert paths.insurers_file(None, env) == mine


def test_no_home_is_needed():
    assert paths.state_dir(None, {}).is_absolute()
    assert paths.insurers_file(None, {}).is_absolute()


def test_what_is_shipped_is_there():
    assert paths.shipped("insurers.toml").is_file()
    assert paths.shipped("examples/application.json").is_file()
