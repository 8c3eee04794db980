"""The socket is closed at once, also when its own reader closes it at the same moment."""

import socket
import threading

from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection

from bot.app import _hang_up


def test_a_reader_that_closes_first_does_not_hold_up_the_end() -> None:
    near, far = socket.socketpair()
    client = SocketModeClient(app_token="xapp-1")
    session = Connection("wss://127.0.0.1/", client.logger)
    session.sock = near
    client.current_session = session
    session.sock_receive_lock.acquire()
    failed: list[BaseException] = []

    def stop() -> None:
        try:
            _hang_up(client)
        except BaseException as error:
            failed.append(error)

    stopping = threading.Thread(target=stop)
    stopping.start()
    while not session.sock_send_lock.locked():  # it has looked at the socket, and waits for the reader
        stopping.join(0.01)
    near.close()
    session.sock = None
    session.sock_receive_lock.release()
    stopping.join()
    far.close()
    assert not failed and client.closed
