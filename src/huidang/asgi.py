"""Entry for an ASGI server."""

import gc
import os

from django.core.asgi import get_asgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huidang.settings")
application = get_asgi_application()
get_resolver().url_patterns  # noqa: B018  (loads the code of every page)
gc.freeze()  # what stays for ever is never looked through again: a full collection took 30 ms out of a page
