"""Entry for an ASGI server: each request is answered whole by one of a few threads that last."""

import os
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django import setup
from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponseBase

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huidang.settings")
setup(set_prefix=False)

THREADS = ThreadPoolExecutor(8, "page")
"""One of them at a time runs Python; the others wait for the disk, the index, or copy an upload."""


class Pages(ASGIHandler):
    """Django's handler, for pages none of which is asynchronous.

    By itself it starts a thread for every request, which opens the database anew, and changes threads around each
    middleware that looks at views.
    """

    def __init__(self) -> None:
        """Load the middleware for one thread, where `ASGIHandler` would load it to be awaited."""
        super(ASGIHandler, self).__init__()
        self.load_middleware()

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Have one of the threads answer."""
        return await sync_to_async(self._answer, thread_sensitive=False, executor=THREADS)(request)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        close_old_connections()
        try:
            return self.get_response(request)
        finally:
            close_old_connections()


application = Pages()
