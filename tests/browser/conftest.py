"""A real Chromium for tests, kept in a thread of its own.

Playwright's synchronous interface runs an event loop in the thread that starts it, and Django then refuses the database
in that thread. So the browser lives in one worker thread: tests hand it functions, and use the database themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, expect, sync_playwright

from nordlotse.web.staff import BY_LINK
from tests.chromium import chromium

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",  # WebGL in software, also in Chromium that asks to be told
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: So many milliseconds a page may take for what it is asked: other suites share the machine's two cores.
PATIENCE_MS = 60_000
T = TypeVar("T")
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session", autouse=True)
def settled_clicks() -> Iterator[None]:
    """Let a click return only when the page it leads to is read and its script bound.

    Playwright's own click returns when the next page has begun. On a busy machine a button is then pressed before its
    script listens, and what is counted is not there yet; a person waits until they see something.
    """
    plain_locator, plain_page = Locator.click, Page.click

    def by_locator(self: Locator, *args: Any, **kwargs: Any) -> None:
        plain_locator(self, *args, **kwargs)
        self.page.wait_for_load_state("domcontentloaded")

    def by_page(self: Page, *args: Any, **kwargs: Any) -> None:
        plain_page(self, *args, **kwargs)
        self.wait_for_load_state("domcontentloaded")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Locator, "click", by_locator)
        patched.setattr(Page, "click", by_page)
        yield


@dataclass
class Seen:
    """What the pages of one visit asked for and complained about."""

    origin: str
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def request(self, request: Request) -> None:
        """Note a request that leaves the site."""
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.foreign.append(request.url)

    def console(self, message: ConsoleMessage) -> None:
        """Note an error of the page; a status that the test wanted is none."""
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


@pytest.fixture(scope="session")
def browser_thread() -> Iterator[tuple[ThreadPoolExecutor, Browser]]:
    """One browser for the whole run, in its own thread."""
    path = chromium()
    if path is None:
        pytest.skip(
            "NO CHROMIUM: the browser tests did not run (install the package chromium, or: python -m playwright install chromium)"
        )
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="browser")

    def begin() -> tuple[Any, Browser]:
        playwright = sync_playwright().start()
        return playwright, playwright.chromium.launch(executable_path=path, headless=True, args=ARGUMENTS)

    playwright, browser = pool.submit(begin).result()
    yield pool, browser
    pool.submit(lambda: (browser.close(), playwright.stop())).result()
    pool.shutdown()


@dataclass
class Visitor:
    """Opens pages of the live site; `staff` is the session cookie of a signed-in administrator."""

    pool: ThreadPoolExecutor
    browser: Browser
    origin: str
    staff: str = ""
    seen: Seen = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing seen."""
        self.seen = Seen(self.origin)

    def __call__(
        self,
        do: Callable[[Page], T],
        *,
        width: int = 1200,
        height: int = 900,
        scheme: str = "light",
        script: bool = True,
        motion: str = "no-preference",
        as_staff: bool = False,
    ) -> T:
        """Run `do` with a fresh page in the browser's thread and return its outcome."""

        def run() -> T:
            context = self.browser.new_context(
                base_url=self.origin,
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                java_script_enabled=script,
                reduced_motion=motion,
                locale="de-DE",
            )
            context.set_default_timeout(PATIENCE_MS)
            if as_staff:
                context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": self.staff, "url": self.origin}])
            page = context.new_page()
            page.on("request", self.seen.request)
            page.on("console", self.seen.console)
            page.on("pageerror", lambda error: self.seen.complaints.append(str(error)))
            try:
                return do(page)
            finally:
                context.close()

        return self.pool.submit(run).result()


@pytest.fixture
def visit(browser_thread: tuple[ThreadPoolExecutor, Browser], live_server: Any) -> Visitor:
    """A visitor of the live site; afterwards no request has left it and no page has complained."""
    pool, browser = browser_thread
    return Visitor(pool, browser, live_server.url)


@pytest.fixture
def staff_visit(visit: Visitor, transactional_db: None) -> Visitor:
    """A visitor who can also act as an administrator signed in by link (`as_staff=True`)."""
    user = get_user_model().objects.create_superuser("leitung", password="ein langer Satz für Tests")
    client = Client()
    client.force_login(user)
    session = client.session
    session[BY_LINK] = True
    session.save()
    visit.staff = client.cookies[settings.SESSION_COOKIE_NAME].value
    return visit
