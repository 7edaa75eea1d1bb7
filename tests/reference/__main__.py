"""Write the generated pages of the documentation: ``make docs``."""

from tests.reference.files import stale_files


def main() -> None:
    """Write what is stale, and remove the pages of kinds that are gone."""
    for path, text in stale_files().items():
        if text is None:
            path.unlink()
            continue
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"{path.name} written")


if __name__ == "__main__":
    main()
