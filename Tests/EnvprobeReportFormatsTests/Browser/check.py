"""Opens the pages of the tests in a real browser and uses them as readers do.

usage: check.py TOOLS PAGES        TOOLS: what `prepare` printed; PAGES: agent.html, hostile.html, large.html
Screenshots are left beside the pages. Exit status 1 where a page is not as it should be.
"""
import base64
import contextlib
import pathlib
import sys
import time

tools, pages = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
sys.path.insert(0, str(tools))

from selenium import webdriver  # noqa: E402
from selenium.webdriver.common.action_chains import ActionChains  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402

AXE = (tools / "axe_playwright_python" / "axe.min.js").read_text()
problems = []


def expect(condition, words):
    if not condition:
        problems.append(words)
        print("not so:", words)


class Page:
    def __init__(self, driver, name, fragment=""):
        self.driver = driver
        self.address = (pages / name).as_uri() + fragment
        driver.get("about:blank")
        driver.get(self.address)
        self.wait("return document.documentElement.dataset.ready === 'true'")

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def wait(self, script, seconds=10):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.run(script):
                return True
            time.sleep(0.02)
        return False

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def shown(self, selector):
        return [element for element in self.all(selector) if element.is_displayed()]

    def draw_all(self):
        """Goes down the page once, so that all that is drawn on approach is drawn, and opens all that folds."""
        self.run("for (const fold of document.querySelectorAll('details')) fold.open = true")
        height, y = 1, 0
        while y < height:
            self.run("window.scrollTo({top: arguments[0], behavior: 'instant'})", y)
            time.sleep(0.03)
            y += 700
            height = min(60000, self.run("return document.documentElement.scrollHeight"))
        self.run("window.scrollTo({top: 0, behavior: 'instant'})")

    def messages(self):
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def has_sideways_scroll(self):
        return self.run("return document.documentElement.scrollWidth > document.documentElement.clientWidth")

    def picture(self, name):
        time.sleep(0.2)
        (pages / name).write_bytes(self.driver.get_screenshot_as_png())


@contextlib.contextmanager
def browser(width=1280, height=900, dark=False):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
        "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND", f"--window-size={width},{height}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    try:
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"}]})
        yield driver
    finally:
        driver.quit()


def accessible(page, words):
    # The rules are a script of the test, which the page's policy would rightly not run.
    page.run(AXE + "\nwindow.axe = axe")
    result = page.driver.execute_async_script("""
        const done = arguments[arguments.length - 1];
        axe.run(document, {resultTypes: ["violations"]}).then(done, (error) => done({error: String(error)}));
    """)
    expect("error" not in result, f"{words}: axe ran: {result.get('error')}")
    for violation in result.get("violations", []):
        targets = "; ".join(str(node["target"]) for node in violation["nodes"][:4])
        expect(False, f"{words}: {violation['id']} ({violation['impact']}): {violation['help']}: {targets}")


def looks():
    for width, dark in ((1280, False), (1280, True), (375, False), (375, True), (1920, False)):
        name = f"{width}-{'dark' if dark else 'light'}"
        with browser(width, dark=dark) as driver:
            for sample in ("agent", "undecided", "same"):
                page = Page(driver, f"{sample}.html")
                page.picture(f"{sample}-{name}.png")
                page.draw_all()
                expect(not page.has_sideways_scroll(), f"{sample} {name}: nothing is wider than the window")
                accessible(page, f"{sample} {name}")
                expect(page.messages() == [], f"{sample} {name}: no complaints of the browser: {page.messages()}")


def reading(driver):
    page = Page(driver, "agent.html")
    expect(page.one("h1").text == "Different", "the verdict comes first")
    expect(page.run("return performance.getEntriesByType('resource').length") == 0, "nothing is fetched")
    mark = page.one(f"#finding-5d0273414f8f .side.b .ch")
    page.run("arguments[0].scrollIntoView({block: 'center'})", mark)
    ActionChains(driver).move_to_element(mark).perform()
    expect(page.wait("return !document.getElementById('tip').hidden", 2), "a character tells its name")
    expect(page.one("#tip").text == "U+2019 RIGHT SINGLE QUOTATION MARK", f"and the right one: {page.one('#tip').text}")
    ActionChains(driver).send_keys(Keys.ESCAPE).perform()
    expect(not page.one("#tip").is_displayed(), "the tip goes with Escape")

    button = page.one("#finding-5d0273414f8f .copy")
    page.run("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()
    expect(page.wait("return document.querySelector('#finding-5d0273414f8f .copy').textContent === 'Copied'", 3), "a command is copied")

    before = page.run("return getComputedStyle(document.body).backgroundColor")
    theme = page.one("#theme")
    theme.click()
    theme.click()
    expect(theme.text == "Theme: dark", "the theme is chosen")
    expect(page.run("return getComputedStyle(document.body).backgroundColor") != before, "and is another")
    expect(page.messages() == [], f"no complaints of the browser: {page.messages()}")


def filtering(driver):
    page = Page(driver, "agent.html")
    expect(len(page.shown(".finding")) == 4, "all findings are there")
    toggle = page.one(".toggle[data-value=presence]")
    toggle.send_keys(Keys.SPACE)
    expect(toggle.get_attribute("aria-pressed") == "true", "a filter is set by key")
    expect([card.get_attribute("data-class") for card in page.shown(".finding")] == ["presence"], "and holds")
    expect(page.one("#shown").text == "1 of 4 findings", "and is told")
    expect(len(page.shown("section.findings")) == 1, "sections without findings go")
    address = driver.current_url
    expect("class=presence" in address, f"and is in the address: {address}")
    page.one("#reset").click()
    expect(len(page.shown(".finding")) == 4, "and taken away again")
    page.one("#find").send_keys("FEATURE_100")
    expect([card.get_attribute("data-class") for card in page.shown(".finding")] == ["presence"], "places are searched")
    page.one("#find").send_keys(Keys.BACKSPACE * 20 + "no such thing")
    expect(page.shown(".finding") == [], "nothing is found where nothing is")

    page = Page(driver, "agent.html", "#?class=geographic&factor=timezone")
    expect(len(page.shown(".finding")) == 1, "a filter comes with the address")
    page.run("location.hash = '#finding-b9349947f7d4'")
    expect(page.wait("return !document.getElementById('finding-b9349947f7d4').hidden", 2), "a link shows what a filter hid")

    page = Page(driver, "agent.html", "#finding-8ed45f7dd4ec")
    time.sleep(0.3)
    top = page.run("return document.getElementById('finding-8ed45f7dd4ec').getBoundingClientRect().top")
    expect(0 <= top < 200, f"a link leads to its finding: {top}")
    focused = page.run("return document.activeElement.textContent")
    expect("separator" in focused, f"and the keyboard is there: {focused}")
    page = Page(driver, "large.html", "#run-cn-gateway-150")
    expect(page.wait("return document.getElementById('run-cn-gateway-150') !== null", 2), "a link to a run brings its row")
    expect(page.messages() == [], f"no complaints of the browser: {page.messages()}")


def keys(driver):
    page = Page(driver, "agent.html")
    page.one("body").send_keys(Keys.TAB)
    expect(page.run("return document.activeElement.className") == "skip", "the first stop skips to the report")
    seen = set()
    for _ in range(60):
        ActionChains(driver).send_keys(Keys.TAB).perform()
        seen.add(page.run("""
            const e = document.activeElement;
            const ring = getComputedStyle(e);
            return e.tagName + (ring.outlineStyle === 'none' || ring.outlineWidth === '0px' ? ' without ring' : '');
        """))
    expect({"BUTTON", "A", "INPUT", "SUMMARY", "PRE"} <= seen, f"everything is reached by key: {sorted(seen)}")
    expect(not any("without" in name for name in seen), f"and it is seen where one is: {sorted(seen)}")


def places(driver):
    page = Page(driver, "agent.html")
    summary = page.one("#finding-b9349947f7d4 .locations > summary")
    page.run("arguments[0].scrollIntoView({block: 'center'})", summary)
    summary.send_keys(Keys.ENTER)
    expect(page.wait("return document.querySelectorAll('.rows > li').length === 50", 3), "the first places are drawn")
    page.one(".location-list .more button").click()
    expect(len(page.all(".rows > li")) == 100, "and the next when asked for")
    expect("U+200B ZERO WIDTH SPACE" in page.one(".rows .inv").get_attribute("data-tip"), "what hides is named there too")
    page.one(".location-list input").send_keys("tools[77]")
    expect(len(page.all(".rows > li")) == 1, "places are found")


def requests(driver):
    page = Page(driver, "agent.html")
    see = page.one("#finding-5d0273414f8f .see")
    page.run("arguments[0].scrollIntoView({block: 'center'})", see)
    see.click()
    expect(page.wait("return document.querySelectorAll('.exchange').length > 0", 3), "requests are drawn")
    chosen = page.run("return [...document.querySelectorAll('#requests-view select')].map((s) => s.selectedOptions[0].text)")
    expect(chosen == ["cn-gateway-1", "cn-corp-1"], f"of the two runs that differ least: {chosen}")
    marked = page.run("return [...document.querySelectorAll('.row.named')].map((row) => row.textContent)")
    expect(len(marked) == 1 and "finding 2" in marked[0] and "\u2019" in marked[0], f"the place is marked: {marked}")
    expect(len(page.all(".diff > button")) > 0, "what is equal is folded")
    rows = len(page.all(".row"))
    page.one(".tabs .toggle").click()
    expect(len(page.all(".row")) > rows, "and unfolded when asked for")
    page.all(".tabs .toggle")[1].click()
    expect("\\n" in page.one(".viewer").text, "the raw text is there")
    names = [button.text for button in page.all(".exchange")]
    expect(any("upload.example.com" in name for name in names), f"every request is in the list: {names}")
    for button, name in zip(page.all(".exchange"), names):
        if "upload" in name:
            button.click()
    expect("1f8b0800ff" in page.one(".viewer").text, "bytes that are no text are shown in hex")
    page.picture("requests.png")
    page.draw_all()
    view = page.one("#processes-view").text
    for words in ("git config --get remote.origin.url", "ANTHROPIC_API_KEY", "secret", ".claude.json", "Hello! How can I"):
        expect(words in view, f"the run shows {words}")
    page.run("document.getElementById('processes').scrollIntoView()")
    page.picture("processes.png")
    expect(page.messages() == [], f"no complaints of the browser: {page.messages()}")


def policy(driver):
    page = Page(driver, "agent.html")
    blocked = driver.execute_async_script("""
        const done = arguments[arguments.length - 1];
        const seen = [];
        document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
        fetch("http://127.0.0.1:9/").catch(() => {});
        const image = new Image();
        image.src = "http://127.0.0.1:9/x.png";
        document.body.append(image);
        const script = document.createElement("script");
        try { script.text = "window.owned = 1"; document.body.append(script); } catch (error) { seen.push(error.name); }
        try { document.body.insertAdjacentHTML("beforeend", "<p>"); } catch (error) { seen.push(error.name); }
        setTimeout(() => done(seen), 300);
    """)
    expect({"connect-src", "img-src", "TypeError"} <= set(blocked), f"the policy stops what is not the page's: {blocked}")
    expect(page.run("return window.owned") is None, "and no other script runs")


def hostile(driver):
    page = Page(driver, "hostile.html")
    page.draw_all()
    for button in page.all(".exchange")[:3]:
        page.run("arguments[0].click()", button)
    for element in page.all("[onmouseover], [onfocus], [onerror], [onload], [onpointerover]"):
        expect(False, f"no handler came in: {element.get_attribute('outerHTML')[:200]}")
    expect(page.run("return window.owned") is None, "nothing of the program's ran")
    strange = page.run("""
        return [...document.querySelectorAll("img, iframe, object, embed, link, base, form, svg:not(.emblem), x, script[src], b")]
          .map((element) => element.outerHTML.slice(0, 120))
    """)
    expect(strange == [], f"no element came in: {strange}")
    expect(len(page.all("script:not([type])")) == 1 and len(page.all("style")) == 1, "one script and one style")
    text = page.run("return document.body.innerText")
    expect("</script><script>window.owned=1</script>" in text, "it is shown as text")
    raw = page.run(r"""
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const found = [];
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          if (node.parentElement.closest("script, style")) continue;
          const hit = node.data.match(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u200B\u202A-\u202E\u2066-\u2069\uFEFF]/);
          if (hit) found.push(hit[0].charCodeAt(0).toString(16) + " in " + node.parentElement.outerHTML.slice(0, 120));
        }
        return found.slice(0, 5);
    """)
    expect(raw == [], f"nothing hides or turns the text: {raw}")
    expect(not page.has_sideways_scroll(), "hostile: nothing is wider than the window")
    expect(page.messages() == [], f"no complaints of the browser: {page.messages()}")
    page.picture("hostile.png")


def large(driver):
    size = (pages / "large.html").stat().st_size
    expect(size <= 10_000_000, f"at most 10 MB: {size}")
    paints = []
    for _ in range(3):
        page = Page(driver, "large.html")
        page.wait("return performance.getEntriesByName('first-contentful-paint').length > 0", 5)
        paints.append(page.run("return performance.getEntriesByName('first-contentful-paint')[0].startTime"))
    print(f"large: {size} bytes, first paint after {', '.join(f'{paint:.0f} ms' for paint in paints)}")
    expect(min(paints) <= 1000, f"first paint within a second: {paints}")
    started = time.monotonic()
    page.one("#find").send_keys("properties[249]")
    expect(len(page.shown(".finding")) == 40, "places are searched")
    expect(time.monotonic() - started < 5, f"in time: {time.monotonic() - started:.1f} s")
    page.one("#find").send_keys(Keys.BACKSPACE * 20)
    summary = page.one(".locations > summary")
    page.run("arguments[0].scrollIntoView({block: 'center'})", summary)
    started = time.monotonic()
    summary.click()
    expect(page.wait("return document.querySelectorAll('.rows > li').length >= 50", 3), "places are drawn")
    expect(time.monotonic() - started < 2, f"in time: {time.monotonic() - started:.1f} s")
    page.one("#more-runs").click()
    expect(len(page.all("#runs-table tbody tr")) == 1000, "all runs are there")


def elsewhere(driver):
    """On paper, and without the script."""
    page = Page(driver, "agent.html")
    paper = base64.b64decode(driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"])
    expect(paper.startswith(b"%PDF") and len(paper) > 20_000, "it is printed")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    expect(page.shown(".contents, .filters, .copy, #requests") == [], "without what only works on a screen")
    expect(len(page.shown(".finding")) == 4, "with the findings")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    driver.get(page.address)
    time.sleep(0.3)
    text = driver.find_element(By.TAG_NAME, "main").text
    for words in ("Different", "U+2019 RIGHT SINGLE QUOTATION MARK", "cn-corp", "https://gw.alibaba.com"):
        expect(words in text, f"without the script there is {words}")
    expect(not driver.find_element(By.ID, "filters").is_displayed(), "and nothing that would need it")
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


looks()
for check in (reading, filtering, keys, places, requests, policy, hostile, large, elsewhere):
    with browser() as driver:
        try:
            check(driver)
        except Exception as error:  # One check that breaks off must not hide what the others find.
            expect(False, f"{check.__name__} broke off: {type(error).__name__}: {str(error).splitlines()[0]}")
print(f"{len(problems)} problems")
sys.exit(1 if problems else 0)
