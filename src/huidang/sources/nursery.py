"""What the fork server imports, so that parsing processes start warm and share its memory."""

import os
from importlib import import_module

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huidang.settings")
django.setup()
import_module("huidang.sources.parsing")
import_module("huidang.sources.formats")
