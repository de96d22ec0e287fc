"""The page about the house says what the house is."""

from pathlib import Path

from bench.diagrams import PAGE, renewed

ROOT = Path(__file__).resolve().parent.parent


def test_a_changed_state_table_makes_its_diagram_stale():
    page = PAGE.read_text("utf-8")
    assert renewed(page) == page, "run: make diagrams"


def test_every_folder_of_the_table_is_there():
    rows = [line.split("|")[1] for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    for row in rows:
        for name in row.replace("`", " ").replace(",", " ").split():
            place = ROOT / name if "/" in name else ROOT / "concierge" / name
            assert place.exists(), name
