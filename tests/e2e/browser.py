"""A headless Chromium for the tests of pages, driven by Selenium. All three are Debian packages (scripts/install-deps)."""

import json
import shutil
import unittest

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError:
    webdriver = None


class Browser:
    """One window; `close` ends it. Skips the test where the browser or its driver is missing."""

    def __init__(self):
        if webdriver is None:
            raise unittest.SkipTest("Selenium is not installed: run scripts/install-deps")
        programs = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
        for name, path in programs.items():
            if path is None:
                raise unittest.SkipTest(f"{name} is not installed: run scripts/install-deps")
        options = webdriver.ChromeOptions()
        options.binary_location = programs["chromium"]
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                         "--window-size=1400,1000"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service(programs["chromedriver"]), options=options)
        self.close = self.driver.quit

    def open(self, page, hash_=""):
        """Loads the file afresh and waits until it shows its data; the milliseconds that took."""
        self.driver.get("about:blank")
        self.driver.get(page.as_uri() + hash_)
        WebDriverWait(self.driver, 60).until(lambda _: self.run("return document.documentElement.dataset.ready"))
        return int(self.run("return document.documentElement.dataset.ready"))

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        """The first that there is, or that comes within ten seconds: what a key or a link changes is shown by a later event."""
        return WebDriverWait(self.driver, 10, poll_frequency=0.02).until(
            lambda driver: driver.find_element(By.CSS_SELECTOR, selector))

    def find_all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def texts(self, selector):
        return self.run("return [...document.querySelectorAll(arguments[0])].map(each => each.textContent)", selector)

    def press(self, *keys):
        """Types into whatever has the focus, and lets the page handle what that brings about (a change of the address)."""
        for key in keys:
            self.driver.switch_to.active_element.send_keys(getattr(Keys, key, key))
            self.driver.execute_async_script("setTimeout(() => requestAnimationFrame(() => setTimeout(arguments[0])))")

    def focused(self):
        """The text of what has the focus."""
        return self.run("return document.activeElement.textContent")

    def choose(self, selector, value):
        """Sets a control's value as a person's choice or typing does."""
        self.run("arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}));"
                 "arguments[0].dispatchEvent(new Event('change', {bubbles: true}))", self.find(selector), value)

    def colours(self, scheme):
        """From now on the page sees this prefers-color-scheme."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                    {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def width(self, pixels):
        """From now on the window is as wide; below 600 pixels, a phone's."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": pixels, "height": 1000, "deviceScaleFactor": 1, "mobile": pixels < 600})

    def top(self, selector):
        """How far down the page it stands, in pixels."""
        return self.run("return arguments[0].getBoundingClientRect().top + scrollY", self.find(selector))

    def hover(self, selector):
        self.run("arguments[0].scrollIntoView({block: 'center'})", self.find(selector))
        ActionChains(self.driver).move_to_element(self.find(selector)).perform()

    def console(self):
        """What the console said since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self):
        """Addresses that were asked for since the last call, pages included."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def accessibility(self):
        """(role, name) of everything that a screen reader meets."""
        nodes = self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        return [(node["role"]["value"], node.get("name", {}).get("value", ""))
                for node in nodes if not node.get("ignored")]
