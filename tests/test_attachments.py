"""Files on a task in a browser: chosen, dropped, refused, saved, removed; without a script, and with a hostile name."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.accessibility import violations
from tests.installation import Installation
from tests.test_journey import add, picture, sign_up, window

pytestmark = [
    pytest.mark.browser,
    pytest.mark.looks,
    pytest.mark.xdist_group("browser"),
    pytest.mark.timeout(300),
]

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PROGRAM = b"MZ\x90\0" + bytes(200)
DROP = """([section, files]) => {
    const data = new DataTransfer();
    for (const [name, text] of files) data.items.add(new File([text], name));
    for (const type of ["dragenter", "dragover", "drop"])
        section.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


def a_file(name: str, content: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": "", "buffer": content}


def open_task(page: Page, title: str) -> None:
    add(page, title, title)
    # Not clicked: the list may be drawn anew under the pointer.
    page.goto(str(page.get_by_role("link", name=title).first.get_attribute("href")))
    expect(page.locator("#attachments")).to_be_visible()
    page.wait_for_load_state()


def files(page: Page) -> Locator:
    return page.locator("#part-attachments .attachment")


def choose(page: Page, *chosen: dict[str, object]) -> None:
    page.locator("#attach-files").set_input_files(list(chosen))  # type: ignore[arg-type]


def test_files_are_chosen_and_each_that_cannot_be_is_named(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Fay")
        open_task(page, "Paint the fence")
        expect(page.locator("#part-attachments")).to_contain_text("No files yet.")
        picture(page, "attachments-empty")
        choose(page, a_file("fence.png", PNG), a_file("virus.exe", PROGRAM), a_file("colours.txt", b"Green"))
        expect(files(page)).to_have_count(2)
        expect(files(page).first).to_contain_text("fence.png")
        refused = page.locator("#attachments .field-error")
        expect(refused).to_have_count(1)
        expect(refused).to_contain_text("“virus.exe” cannot be attached")
        picture(page, "attachments")
        assert violations(page) == []
        choose(page, a_file("notes.md", b"# Notes"))
        expect(files(page)).to_have_count(3)
        expect(refused).to_have_count(0)


def test_what_is_too_large_is_named_before_it_is_sent(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Greta")
        open_task(page, "Send the film")
        page.locator("[data-attach]").evaluate("form => (form.dataset.most = 3)")
        choose(page, a_file("film.txt", b"long"))
        expect(page.locator("#attachments .field-error")).to_contain_text("“film.txt” is too large")
        expect(files(page)).to_have_count(0)


def test_files_are_dropped_and_the_rest_of_the_page_keeps_what_is_typed(
    browser: Browser, place: Installation
) -> None:
    with window(browser, place) as page:
        sign_up(page, "Dora")
        open_task(page, "Sort the papers")
        page.get_by_label("Write a comment").fill("Half a sentence")
        section = page.locator("#attachments").element_handle()
        page.evaluate(DROP, [section, [["a.txt", "A"], ["b.csv", "1,2"]]])
        expect(files(page)).to_have_count(2)
        expect(page.get_by_label("Write a comment")).to_have_value("Half a sentence")
        expect(page.locator("#attachments")).not_to_have_attribute("data-drop", "over")


def test_a_file_is_saved_removed_and_never_kept_by_the_browser(
    browser: Browser, place: Installation, tmp_path: Path
) -> None:
    with window(browser, place) as page:
        sign_up(page, "Saul")
        open_task(page, "Read the contract")
        choose(page, a_file("contract.txt", b"All of it"))
        expect(files(page)).to_have_count(1)
        with page.expect_download() as coming:
            page.get_by_role("link", name="contract.txt").click()
        saved = tmp_path / "saved"
        coming.value.save_as(saved)
        assert (coming.value.suggested_filename, saved.read_bytes()) == ("contract.txt", b"All of it")
        kept = page.evaluate(
            """async () => {
                const found = [];
                for (const name of await caches.keys())
                    for (const request of await (await caches.open(name)).keys()) found.push(request.url);
                return found;
            }"""
        )
        assert [address for address in kept if "/attachments/" in address] == []
        page.get_by_role("button", name="Remove contract.txt").click()
        # By keyboard: while the page still grows below, the question moves from under the pointer.
        page.get_by_role("button", name="Remove the file").press("Enter")
        expect(files(page)).to_have_count(0)


def test_what_is_asked_stays_open_while_others_add_files(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Olaf")
        open_task(page, "Collect the papers")
        choose(page, a_file("first.txt", b"1"))
        expect(files(page)).to_have_count(1)
        page.get_by_role("button", name="Remove first.txt").click()
        expect(page.get_by_role("button", name="Remove the file")).to_be_visible()
        choose(page, a_file("second.txt", b"2"))
        expect(files(page)).to_have_count(2)
        # By keyboard: while the page still grows below, the question moves from under the pointer.
        page.get_by_role("button", name="Remove the file").press("Enter")
        expect(files(page)).to_have_count(1)
        expect(files(page)).to_contain_text("second.txt")


def test_it_works_without_a_script(browser: Browser, place: Installation) -> None:
    with window(browser, place, java_script_enabled=False) as page:
        sign_up(page, "Nora")
        page.goto("/today")
        page.locator("#quick-add-line").fill("Water the plants")
        page.locator("#quick-add-line").press("Enter")
        page.goto("/inbox")
        page.get_by_role("link", name="Water the plants").first.click()
        choose(page, a_file("a.txt", b"A"), a_file("b.exe", PROGRAM))
        page.get_by_role("button", name="Attach", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("“b.exe” cannot be attached")
        expect(files(page)).to_have_count(1)
        picture(page, "attachments-refused")
        page.get_by_role("button", name="Remove a.txt").click()
        page.get_by_role("button", name="Remove the file").click()
        expect(page).to_have_url(re.compile(r"/tasks/[0-9a-f-]+$"))
        expect(files(page)).to_have_count(0)


def test_markup_in_a_name_stays_text(browser: Browser, place: Installation) -> None:
    name = "'><img src=x onerror=alert(1)>.txt"
    with window(browser, place) as page:
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        sign_up(page, "Mallory")
        open_task(page, "Look harmless")
        choose(page, a_file(name, b"Hello"), a_file(f"{name}.exe", PROGRAM))
        expect(files(page)).to_have_count(1)
        expect(page.get_by_role("link", name=name)).to_be_visible()
        expect(page.locator("#attachments .field-error")).to_contain_text("onerror=alert(1)")
        page.get_by_role("link", name="Show the history").or_(
            page.get_by_text("added the file")
        ).first.wait_for()
        assert page.locator("#main img").count() == 0
        assert dialogs == []
