"""Write the generated pages of the documentation: ``make docs``."""

from tests.reference.files import stale


def main() -> None:
    """Write what is stale, and remove the pages of kinds that are gone."""
    for path, text in stale().items():
        if text is None:
            path.unlink()
            continue
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"{path.name} written")


if __name__ == "__main__":
    main()
