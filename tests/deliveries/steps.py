"""Packages for the tests: staged, with every part that is made here, and a book and letter that stand for real ones."""

import resource
import venv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cryptography

from petition.packages import manifests, wordings, zipping
from petition.staging.orders import Order, Part, Reader, Showing, Sorting
from petition.staging.staging import StagedRow, Staging
from petition.tables import files, summaries
from tests.staging import staged

FONTS = [{"family": "Noto Serif", "sha256": "0" * 64}]


def order(**given: Any) -> Order:
    values: dict[str, Any] = {
        "slug": "child-dignity",
        "reader": Reader.ADDRESSEE,
        "languages": ("en",),
        "sorting": Sorting.COUNTRY,
        "shows": {"public": Showing.NAME, "addressee": Showing.NAME, "counted": Showing.NUMBER},
        "parts": frozenset(Part),
        **given,
    }
    return Order(**values)


def some_rows() -> list[StagedRow]:
    return [
        staged.row(1),
        staged.row(2, name="Emmy “Æ” Nœther", country_code="DE", comment='One,\n“two”, "three";\r\nfour'),
        staged.counted(3, country_code="IT"),
        staged.row(4, name="محمد بن موسى", country_code="IQ", language="ar", confirmed_at="2026-05-29T23:59:59Z"),
    ]


def parts(folder: Path, rows: Iterable[StagedRow] | None = None, **given: Any) -> tuple[Staging, Order, Path]:
    """A folder with every part but the manifest; the staging file lies beside it. Needs an application's context."""
    staging = staged.staged(folder, some_rows() if rows is None else rows)
    ordered = order(**given)
    made = folder / "parts"
    made.mkdir()
    (made / "letter.pdf").write_bytes(b"%PDF-1.7 a letter\n")
    (made / "book").mkdir()
    (made / "book" / "volume-01.pdf").write_bytes(b"%PDF-1.7 a book\n" * 40)
    wordings.make(staging, made)
    summaries.make(staging, ordered, made)
    files.make_csv(staging, ordered, made)
    files.make_jsonl(staging, ordered, made)
    files.make_xlsx(staging, ordered, made)
    return staging, ordered, made


def package(folder: Path, rows: Iterable[StagedRow] | None = None, *, age_key: str | None = None, **given: Any) -> Path:
    """A whole package. Needs an application's context."""
    staging, ordered, made = parts(folder, rows, **given)
    manifest = manifests.make(staging, ordered, made, fonts=FONTS)
    staging.close()
    return zipping.write(made, folder / "delivery.zip", manifest=manifest, age_key=age_key)


@contextmanager
def disk_full(most: int) -> Iterator[None]:
    """No file of this process may grow beyond so many bytes, as if the disk were full then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def clean_python(folder: Path) -> Path:
    """The Python of a new virtual environment that has cryptography, what that needs itself, and nothing of ours."""
    venv.create(folder, with_pip=False)
    (target,) = folder.glob("lib/python*/site-packages")
    source = Path(cryptography.__file__).parent.parent
    for name in ("cryptography", "cffi", *(path.name for path in source.glob("_cffi_backend*"))):
        (target / name).symlink_to(source / name)
    return folder / "bin" / "python"
