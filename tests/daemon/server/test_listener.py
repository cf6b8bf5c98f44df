"""Taking the socket: one daemon per path."""

import os
import socket as sockets
import stat

import pytest

from osago_daemon.server.listener import SocketRefusedError, listening


def refused(path, why):
    with pytest.raises(SocketRefusedError, match=why) as error, listening(path):
        pass
    return str(error.value)


def test_the_socket_is_for_its_owner_only(socket):
    with listening(socket):
        assert stat.S_IMODE(socket.stat().st_mode) == 0o600
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    assert not socket.exists()


def test_a_second_daemon_is_refused_and_the_first_keeps_its_socket(socket):
    with listening(socket):
        refused(socket, "another daemon is already running")
        assert socket.is_socket()


def test_a_dead_daemons_socket_is_taken_over(socket):
    socket.parent.mkdir()
    with sockets.socket(sockets.AF_UNIX) as dead:
        dead.bind(os.fspath(socket))
    assert socket.is_socket()
    with listening(socket), sockets.socket(sockets.AF_UNIX) as client:
        client.connect(os.fspath(socket))


def test_a_stranger_on_the_path_is_left_alone(socket):
    socket.parent.mkdir()
    with sockets.socket(sockets.AF_UNIX) as stranger:
        stranger.bind(os.fspath(socket))
        stranger.listen()
        with pytest.raises(SocketRefusedError), listening(socket):
            pass


def test_a_file_that_is_no_socket_is_left_as_it_is(socket):
    socket.parent.mkdir()
    socket.write_text("precious")
    with pytest.raises(SocketRefusedError, match="is no socket"), listening(socket):
        pass
    assert socket.read_text() == "precious"


def test_a_path_that_is_too_long_is_explained(tmp_path):
    path = tmp_path / ("x" * 120)
    assert "OSAGO_SOCKET" in refused(path, "107")


def test_a_folder_that_cannot_be_made_is_explained(tmp_path):
    (tmp_path / "file").write_text("")
    refused(tmp_path / "file" / "osago.sock", "--socket")
