"""Write the OpenAPI document of today's API beside its code: `make openapi`."""

import os
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huidang.settings")
django.setup()

from huidang.api import document  # noqa: E402  # Django first

SNAPSHOT = Path(document.__file__).with_name("openapi.json")

if __name__ == "__main__":
    SNAPSHOT.write_text(document.text_of_document(), "utf-8")
    print(SNAPSHOT)
