"""Taking the socket: one daemon per path."""

import os
import shutil
import socket as sockets
import stat
from contextlib import ExitStack

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


def test_a_stranger_of_another_kind_is_left_alone(socket):
    socket.parent.mkdir()
    with sockets.socket(sockets.AF_UNIX, sockets.SOCK_SEQPACKET) as stranger:
        stranger.bind(os.fspath(socket))
        stranger.listen()
        refused(socket, "another daemon is already running")
        assert socket.is_socket()


def test_a_socket_that_took_our_name_meanwhile_is_not_removed(socket):
    with ExitStack() as second:
        with listening(socket):
            shutil.rmtree(socket.parent)  # a login ended, a cleaner came by
            second.enter_context(listening(socket))
        with sockets.socket(sockets.AF_UNIX) as client:
            client.connect(os.fspath(socket))


def test_a_folder_that_others_can_write_to_is_refused(socket):
    socket.parent.mkdir()
    socket.parent.chmod(0o777)
    assert "chmod go-w" in refused(socket, "written to by others")


def test_a_lock_that_is_a_link_is_not_followed(socket, tmp_path):
    socket.parent.mkdir()
    (socket.parent / "osago.sock.lock").symlink_to(tmp_path / "elsewhere")
    refused(socket, "--socket")
    assert not (tmp_path / "elsewhere").exists()


def test_a_withdrawn_socket_refuses_new_clients_at_once(socket):
    with listening(socket) as taken:
        taken.withdraw()
        assert not socket.exists()


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
