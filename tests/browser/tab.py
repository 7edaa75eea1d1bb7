"""A page in the browser: actions with mouse and keys, and the visible result."""

import base64
from pathlib import Path
from typing import Any

from tests.browser.browser import Browser

_KEYS = {"Enter": 13, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "Tab": 9}
_LOOKED_AT = ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")


class Tab:
    """One page of one size, on a light screen or a dark one."""

    def __init__(self, browser: Browser, *, width: int = 1200, height: int = 900, dark: bool = False) -> None:
        self._browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self._target = target
        self._session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.size(width, height)
        self.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}],
        )

    def call(self, method: str, **params: Any) -> Any:
        """Call a method of the page."""
        return self._browser.call(method, self._session, **params)

    def size(self, width: int, height: int) -> None:
        """Set the size of the window."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def open(self, page: Path, at: str = "") -> "Tab":
        """Load a file."""
        self._browser.events[self._session] = []
        self.call("Page.navigate", url=page.as_uri() + at)
        self._browser.await_event("Page.loadEventFired", self._session)
        return self

    def get(self, expression: str) -> Any:
        """The value of an expression in the page; the page's own policy does not apply to it."""
        document = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in document:
            raise AssertionError(document["exceptionDetails"])
        return document["result"].get("value")

    def click(self, selector: str) -> None:
        """Click at the middle of an element."""
        x, y = self.get(
            f"(() => {{ const at = document.querySelector({selector!r});"
            "at.scrollIntoView({block: 'center', inline: 'center'});"
            "const box = at.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2] })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str) -> None:
        """Press a key."""
        code = _KEYS.get(key, ord(key[0].upper()))
        text = {"text": "\r" if key == "Enter" else key} if len(key) == 1 or key == "Enter" else {}
        document = {"key": key, "windowsVirtualKeyCode": code, **text}
        self.call("Input.dispatchKeyEvent", type="keyDown", **document)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def write(self, text: str) -> None:
        """Type a text at the cursor."""
        self.call("Input.insertText", text=text)

    def problems(self) -> list[str]:
        """Errors, warnings and all other messages of the console."""
        lines = self._browser.events[self._session]
        return [str(each["params"]) for each in lines if each["method"] in _LOOKED_AT]

    def requests(self) -> list[str]:
        """The requested addresses, without data URLs."""
        requested = [
            str(each["params"]["request"]["url"])
            for each in self._browser.events[self._session]
            if each["method"] == "Network.requestWillBeSent"
        ]
        return [each for each in requested if not each.startswith("data:")]

    def shot(self, *, whole: bool = False) -> bytes:
        """A screenshot, as PNG."""
        document = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(document["data"])

    def close(self) -> None:
        """Close the page."""
        self._browser.call("Target.closeTarget", targetId=self._target)
