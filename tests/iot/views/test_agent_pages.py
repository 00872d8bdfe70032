"""Where the agent comes from and what its page says: a guide in both languages, a package that works, ways that do not contradict each other."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.test import Client

from nordlotse import __version__
from nordlotse.iot import memory
from nordlotse.iot.actions import halls
from nordlotse.iot.actions import logins as login_actions
from nordlotse.iot.core import agent_package, logins
from nordlotse.iot.core.contacts import OFTEN, PASSWORD, Contacts
from nordlotse.iot.core.heard import Heard, tell
from nordlotse.iot.entrance import Entrance, NotKnown
from nordlotse.iot.models import Hall
from nordlotse.iot.queries import agent_guide

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Hall:
    made = halls.create(user=None, lang="de")
    halls.add_machine(made, "Säge")
    return made


def page(hall: Hall, way: str, prefix: str = "") -> str:
    return Client().get(f"{prefix}/maschinen/{hall.pk}/verbinden/", {"weg": way}).content.decode()


def test_the_package_holds_what_its_record_says_and_the_agent_runs_from_it(tmp_path: Path) -> None:
    answer = Client().get("/maschinen/agent/laden/")
    assert f"nordlotse_agent-{__version__}-py3-none-any.whl" in answer["Content-Disposition"]
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    info = f"nordlotse_agent-{__version__}.dist-info"
    rows = list(csv.reader(packed.read(f"{info}/RECORD").decode().splitlines()))
    assert {path for path, _, _ in rows} == set(packed.namelist())
    for path, told, size in rows[:-1]:
        content = packed.read(path)
        hashed = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        assert (told, size) == (f"sha256={hashed}", str(len(content)))
    assert b"Requires-Dist: pymodbus" in packed.read(f"{info}/METADATA")
    assert not [one for one in packed.namelist() if "/static/" in one or one.endswith((".po", ".html"))]
    packed.extractall(tmp_path)
    code = "import sys; sys.path.insert(0, sys.argv[1]); import nordlotse; assert nordlotse.__file__.startswith(sys.argv[1]); from nordlotse.cli import main; sys.exit(main(['iot', 'agent', '--example', 'modbus']))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "[[modbus]]" in done.stdout, done.stderr


def test_the_package_is_the_same_for_the_same_program() -> None:
    first = agent_package.wheel()
    agent_package.wheel.cache_clear()
    assert agent_package.wheel() == first


@pytest.mark.parametrize(("prefix", "heading"), [("", "3. Prüfen"), ("/en", "3. Check")])
def test_the_guide_stands_in_both_languages_with_its_texts_and_tables_in_regions(prefix: str, heading: str) -> None:
    shown = Client().get(f"{prefix}/maschinen/agent/").content.decode()
    assert heading in shown and "agent/laden/" in shown
    assert 'href="iot-agent' not in shown
    regions = re.findall(r'aria-label="((?:Text|Tab|Table)[^"]*)"', shown)
    assert len(regions) == len(set(regions)) > 8
    assert shown.count("<pre") == shown.count('<pre class="snippet">')


def test_both_guides_have_the_same_sections_keys_and_texts_to_copy() -> None:
    german, english = agent_guide.text("de"), agent_guide.text("en").split("## Beside a broker")[0]
    for pattern in (
        r"(?m)^## (\d)\.",
        r"(?m)^\| `(\w+)`",
        r"(?m)^\[\[?([\w.]+)\]\]?$",
        r"(?m)^(nordlotse .*?)(?:  |$)",
    ):
        assert re.findall(pattern, german) == re.findall(pattern, english), pattern


def test_the_password_has_a_file_of_its_own_as_the_guide_says(hall: Hall) -> None:
    shown = (
        Client()
        .post(f"/maschinen/{hall.pk}/verbinden/", {"do": "login", "weg": "modbus", "maschine": "Säge"})
        .content.decode()
    )
    user, password = re.findall(r'<dd class="secret">([^<]+)</dd>', shown)
    texts = re.findall(r'<pre class="snippet"><code>(.*?)</code>', shown, re.DOTALL)
    (config,) = [one for one in texts if "[[modbus]]" in one]
    assert user in config and password not in config and "password_file" in config
    assert any(f"umask 077; echo &#x27;{password}&#x27; &gt; passwort.txt" in one for one in texts)
    assert "passwort.txt" in agent_guide.text("de") and "passwort.txt" in agent_guide.text("en")


@pytest.mark.skipif(os.name == "nt", reason="a line for a shell")
def test_the_line_on_the_page_makes_a_file_only_its_owner_reads(hall: Hall, tmp_path: Path) -> None:
    from nordlotse.iot.queries import connecting

    given = connecting.connection("Säge", "m-1", "geheim23")
    text = connecting.snippet("agent_password", given).text
    subprocess.run(["sh", "-c", text.splitlines()[1]], cwd=tmp_path, check=True)
    made = tmp_path / "passwort.txt"
    assert made.read_text() == "geheim23\n" and made.stat().st_mode & 0o077 == 0


def test_on_a_loopback_the_agents_page_says_where_it_works_and_how_from_elsewhere(hall: Hall) -> None:
    tell(memory.folder(), Heard("on", "127.0.0.1:1883"))
    shown = page(hall, "modbus")
    assert "nur auf demselben Rechner, und dafür ist die Konfiguration unten gemacht" in shown
    assert "Diese Adresse gilt nur auf dem Rechner" in shown  # in the configuration itself
    assert "/api/v1/iot/values" in shown and "NORDLOTSE_IOT_TLS" in shown
    assert "Ein Gerät in Ihrem Netz" not in shown
    assert "that same computer only" in page(hall, "modbus", "/en")
    device = page(hall, "mqtt")
    assert "Ein Gerät in Ihrem Netz erreicht es so nicht" in device and "Der Agent sendet" not in device


def test_the_page_of_logins_tells_when_each_was_heard_of_and_refused(hall: Hall) -> None:
    good, _ = logins.add(memory.folder(), hall.store)
    bad, _ = logins.add(memory.folder(), hall.store)
    address = f"/maschinen/{hall.pk}/zugaenge/"
    before = Client().get(address).content.decode()
    assert before.count("noch nie") == 2 and "falsches Passwort" not in before
    seen = Contacts()
    seen.came(good)
    for why in (PASSWORD, OFTEN):
        seen.refused(bad, why, "192.168.7.23")
    seen.keep(memory.folder(), [good, bad])
    shown = Client().get(address).content.decode()
    rows = {user: shown.split(f">{user}<")[1].split("</tr>")[0] for user in (good, bad)}
    assert ">jetzt<" in rows[good] and ">nie<" in rows[good]
    assert "noch nie" in rows[bad] and "zu oft ein falsches Passwort, aus 192.168.7.x, 2-mal seit" in rows[bad]
    assert "192.168.7.23" not in shown
    assert (
        "a wrong password too often, from 192.168.7.x, 2 times since" in Client().get("/en" + address).content.decode()
    )


def test_who_comes_over_http_is_noted_too_and_who_names_no_login_is_not(hall: Hall) -> None:
    user, password = logins.add(memory.folder(), hall.store)
    door = Entrance()

    def header(name: str, word: str) -> str:
        return "Basic " + base64.b64encode(f"{name}:{word}".encode()).decode()

    with pytest.raises(NotKnown):
        door.let_in(header(user, "wrong"), "192.168.7.23")
    with pytest.raises(NotKnown):
        door.let_in(header("m-nobody", "wrong"), "192.168.7.23")
    shown = Client().get(f"/maschinen/{hall.pk}/zugaenge/").content.decode()
    assert "falsches Passwort, aus 192.168.7.x" in shown and "noch nie" in shown and "m-nobody" not in shown
    late = Entrance()  # another process: it writes at once what it sees first
    late.let_in(header(user, password), "192.168.7.23")
    assert "noch nie" not in Client().get(f"/maschinen/{hall.pk}/zugaenge/").content.decode()


def test_a_visitors_login_is_bounded_and_no_longer_when_the_hall_is_kept(hall: Hall) -> None:
    Client().post(f"/maschinen/{hall.pk}/zugaenge/", {"maschine": ""})
    assert [one.slow for one in logins.listed(memory.folder(), hall.store)] == [True]
    halls._end(hall.store, ())  # what keeping a hall does once it is committed
    assert [one.slow for one in logins.listed(memory.folder(), hall.store)] == [False]
    hall.company = "c"
    actions_made, _ = login_actions.add(hall)
    found = logins.find(memory.folder(), actions_made)
    assert found is not None and not found.slow
