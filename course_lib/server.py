"""What the JupyterLab of ``python -m course_lib`` does otherwise than a plain one."""

from asyncio import Future

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """A kernel's websocket that sends at once: no small message waits for the one before it.

    Jupyter leaves Nagle's algorithm on, which holds back the pictures that follow a slider.
    """

    def connect(self) -> Future | None:
        self.websocket_handler.set_nodelay(True)
        return super().connect()
