"""Django's settings, all derived from the installation's configuration."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from nordlotse.web import configuration

CONFIGURATION = configuration.read()
PACKAGE = Path(__file__).resolve().parent.parent

SECRET_KEY = configuration.secret_key(CONFIGURATION.data_dir)
DEBUG = False
ALLOWED_HOSTS = sorted({CONFIGURATION.host, "localhost", "127.0.0.1", "[::1]"})
CSRF_TRUSTED_ORIGINS = [CONFIGURATION.public_url]
ROOT_URLCONF = "nordlotse.web.urls"
WSGI_APPLICATION = "nordlotse.web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "nordlotse.web.apps.WebConfig",
    "nordlotse.office.apps.OfficeConfig",
    "nordlotse.answers.apps.AnswersConfig",
    "nordlotse.readiness.apps.ReadinessConfig",
    "nordlotse.print3d.apps.Print3dConfig",
    "nordlotse.iot.apps.IotConfig",
    "nordlotse.funding.apps.FundingConfig",
    "nordlotse.network.apps.NetworkConfig",
    "nordlotse.dialogue.apps.DialogueConfig",
    "nordlotse.journey.apps.JourneyConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.idp.oidc",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "nordlotse.web.middleware.observe",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "nordlotse.web.middleware.harden",
    "csp.middleware.CSPMiddleware",
    "nordlotse.web.middleware.limit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "nordlotse.web.middleware.language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "nordlotse.web.bodies.bounded",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "nordlotse.web.staff.SecondFactor",
    "nordlotse.web.middleware.explain",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "nordlotse.web.context.site",
            ],
            "builtins": [
                "nordlotse.web.templatetags.components",
                "nordlotse.web.templatetags.words",
                "django.templatetags.i18n",
                "django.templatetags.static",
            ],
        },
    }
]

# ---- database: SQLite beside the data by default, PostgreSQL by one setting ----
DATABASES = {"default": dj_database_url.parse(CONFIGURATION.database_url, conn_max_age=60)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["CONN_MAX_AGE"] = 0 if DATABASES["default"]["NAME"] == ":memory:" else None
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }

# ---- language and time ----
LANGUAGE_CODE = "de"
LANGUAGES = [("de", _("German")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "web" / "locale"]
TIME_ZONE = "Europe/Berlin"
USE_TZ = True
USE_I18N = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

# ---- static files ----
STATIC_URL = "/static/"
STATIC_ROOT = CONFIGURATION.data_dir / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "nordlotse.web.static.HashedStaticFiles"},
}
WHITENOISE_USE_FINDERS = False
MEDIA_ROOT = CONFIGURATION.data_dir / "media"

# ---- safety ----
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        # Browsers follow a form's redirects by this rule too: the sign-in service is one, if the operator named one.
        "form-action": [SELF, *([CONFIGURATION.oidc.origin] if CONFIGURATION.oidc else [])],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = CONFIGURATION.secure
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if CONFIGURATION.secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = CONFIGURATION.secure
SECURE_HSTS_PRELOAD = False  # browsers' built-in lists are slow to undo: that step is the operator's, at the proxy
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = CONFIGURATION.secure
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
CSRF_FAILURE_VIEW = "nordlotse.web.views.csrf_failure"
SILENCED_SYSTEM_CHECKS = ["models.W036", "security.W021"]  # W021 asks for preload, see above
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 201  # one more than the import takes, so that it can say so itself
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# ---- accounts: companies by mailed code or passkey; the centre's people by link or password, always with a second factor ----
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "/mein-platz/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "nordlotse.web.adapters.Accounts"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
# A mail may take some minutes; three wrong codes end it all the same.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_FORMS = {
    "login": "nordlotse.web.forms.SignIn",
    "signup": "nordlotse.web.forms.SignUp",
    "request_login_code": "nordlotse.web.forms.MailAddress",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not CONFIGURATION.secure  # browsers themselves allow it on this machine only
MFA_ADAPTER = "nordlotse.web.adapters.Factors"
MFA_TOTP_ISSUER = "Nordlotse"
MFA_FORMS = {"add_webauthn": "nordlotse.web.forms.AddPasskey"}
SOCIALACCOUNT_ADAPTER = "nordlotse.web.adapters.SignInServices"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # an address the operator's own service has verified is the same person here
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "dienst",
                "name": CONFIGURATION.oidc.name,
                "client_id": CONFIGURATION.oidc.client_id,
                "secret": CONFIGURATION.oidc.secret,
                "settings": {"server_url": CONFIGURATION.oidc.issuer},
            }
        ]
        if CONFIGURATION.oidc
        else [],
    }
}
IDP_OIDC_ADAPTER = "nordlotse.web.adapters.Provider"
IDP_OIDC_ID_TOKEN_EXPIRES_IN = 5 * 60
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# ---- mail ----
_mail = urlsplit(CONFIGURATION.smtp_url)
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend" if _mail.hostname else "django.core.mail.backends.locmem.EmailBackend"
)
EMAIL_HOST = _mail.hostname or "localhost"
EMAIL_PORT = _mail.port or (465 if _mail.scheme == "smtps" else 587)
EMAIL_HOST_USER = unquote(_mail.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
EMAIL_USE_SSL = _mail.scheme == "smtps"
EMAIL_USE_TLS = bool(_mail.hostname) and _mail.scheme == "smtp" and _mail.query != "starttls=off"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = CONFIGURATION.mail_from

# ---- logs: key=value, no address, no text a visitor typed ----
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"impersonal": {"()": "nordlotse.web.logs.Impersonal"}},
    "formatters": {"plain": {"()": "nordlotse.web.logs.KeyValue"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["impersonal"]},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}},
}
