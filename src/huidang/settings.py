"""Every setting of the house, typed, from HUIDANG_* variables. Nothing else reads the environment."""

import os
import secrets
from dataclasses import dataclass, fields, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from huidang.kernel import keyfiles

Networks = tuple[IPv4Network | IPv6Network, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What an administrator can set. Each field is read from HUIDANG_<NAME>; docs/reference/settings.md explains it."""

    data: Path = Path("data")
    """Folder of the archive: database, blobs, index."""
    keys: Path = Path.home() / ".config" / "huidang" / "keys"
    """Folder of the site keys. Keep it off the disk and the backups of `data`."""
    database: str = ""
    """`postgresql://user:password@host:port/name`; empty means SQLite inside `data`."""
    timezone: str = "Asia/Shanghai"
    """Zone in which times are shown, and read where a file states none."""
    language: str = "zh-hans"
    """Language before a person has chosen one: zh-hans or en."""
    hosts: str = "localhost,127.0.0.1,[::1]"
    """Names under which the pages may be asked for, divided by commas."""
    tls: bool = False
    """True where a trusted proxy or own certificate provides HTTPS: secure cookies and HSTS."""
    organisation: str = ""
    """Name of the company, shown beside the product's."""
    upload_bytes: int = 4 * 1024**3
    """Largest file that the import page takes."""
    audit_days: int = 1096
    """Days that entries of the audit are kept; never fewer than 183, whatever is set."""
    export_days: int = 7
    """Days for which an exported file can be fetched; its receipt stays."""
    allow_addresses: Networks = ()
    """Inner addresses that the archive may reach over HTTP, in CIDR, divided by commas: `10.1.0.0/16,192.168.3.7`."""
    signer: Path | None = None
    """PKCS#12 file with the certificate that signs reports in evidence packages; empty means the archive's own."""
    signer_password: str = ""
    """Password of that file."""
    sm3: bool = False
    """A second log whose tree is hashed by SM3, kept beside the first one."""
    smtp: str = ""
    """Server that takes our mail: `smtps://user:password@host:465`, or `smtp://…:587` for STARTTLS."""
    mail_from: str = ""
    """Address from which mail is sent; empty means the user of that server."""
    demo: bool = False
    """The demo company's archive in `./data-demo`, with its own keys, whatever `data`, `keys` and `database` say."""
    debug: bool = False
    """Django's debug pages, for development only."""


def read_house(environment: "os._Environ[str] | dict[str, str]") -> House:
    """Build the settings from an environment. Raises ValueError naming the variable that cannot be read."""
    stated: dict[str, Any] = {}
    for setting in fields(House):
        name = f"HUIDANG_{setting.name.upper()}"
        text = environment.get(name, "")
        if not text:
            continue
        try:
            stated[setting.name] = _READ.get(setting.type, str)(text)
        except ValueError as problem:
            raise ValueError(f"{name}={text!r}: {problem}") from problem
    house = House(**stated)
    return _as_demo(house) if house.demo else house


def _as_demo(house: House) -> House:
    """Keep the demo apart: nothing that is set for the real archive may lead it there."""
    folder = Path("data-demo").absolute()
    return replace(house, data=folder / "archive", keys=folder / "keys", database="")


def _as_bool(text: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if text.lower() not in known:
        raise ValueError("1 or 0 is wanted")
    return known[text.lower()]


def _as_path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _as_networks(text: str) -> Networks:
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


_READ: dict[Any, Any] = {bool: _as_bool, int: int, Path: _as_path, Path | None: _as_path, Networks: _as_networks}


def _secret_key(folder: Path) -> str:
    """Return the key that signs sessions, made on first use and readable by the owner only."""
    path = folder / "session.key"
    try:
        return path.read_text("ascii")
    except FileNotFoundError:
        return keyfiles.keep(path, secrets.token_urlsafe(48))


def _database(house: House) -> dict[str, Any]:
    if not house.database:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": house.data / "huidang.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                "PRAGMA cache_size=-16384; PRAGMA temp_store=MEMORY;",
            },
        }
    url = urlsplit(house.database)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": url.hostname or "",
        "PORT": url.port or "",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


HOUSE = read_house(os.environ)
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")  # 45 MB of how words are read; `kernel.spelling` asks for characters

SECRET_KEY = _secret_key(HOUSE.keys)
DEBUG = HOUSE.debug
ALLOWED_HOSTS = [name.strip() for name in HOUSE.hosts.split(",") if name.strip()]
ROOT_URLCONF = "huidang.urls"
ASGI_APPLICATION = "huidang.asgi.application"
DATABASES = {"default": _database(HOUSE)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = HOUSE.language
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # our own static folder and the htmx inside the django-htmx wheel, nothing collected
APPEND_SLASH = False
LOGIN_URL = "signin"
CSRF_FAILURE_VIEW = "huidang.web.problems.forged"
SILENCED_SYSTEM_CHECKS: list[str] = []

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "huidang.kernel",
    "huidang.people",
    "huidang.records",
    "huidang.sources",
    "huidang.search",
    "huidang.shelves",
    "huidang.exports",
    "huidang.upkeep",
    "huidang.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "huidang.web.headers.ContentPolicy",
    "huidang.web.statics.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "huidang.web.sessions.Sessions",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "huidang.web.visitors.Visitors",
    "huidang.web.problems.ProblemPages",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "web" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "huidang.web.frame.frame",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "huidang.web.tags",
                "huidang.web.devices",
                "huidang.web.spelling",
            ],
        },
    }
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"links": {"()": "huidang.web.logs.WithoutLinks"}},
    "loggers": {
        "django.request": {"filters": ["links"]},
        "django.security.csrf": {"filters": ["links"]},
        "django.template": {"level": "INFO"},  # below, it writes out all that a page was made of
        "django.db.backends": {"level": "INFO"},  # below, it writes out what is stored
    },
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "MinimumLengthValidator": {"min_length": 10},
        "UserAttributeSimilarityValidator": {"user_attributes": ("username", "name")},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]
SESSION_COOKIE_AGE = 12 * 3600  # a working day, then the password again
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HOUSE.tls
CSRF_COOKIE_HTTPONLY = True  # our scripts read the token from the page
if HOUSE.tls:  # bound to this host and to TLS by its name (RFC 6265bis, 4.1.3.2)
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SECURE_HSTS_SECONDS = 31_536_000 if HOUSE.tls else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
