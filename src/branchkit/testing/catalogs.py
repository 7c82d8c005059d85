"""The laws of a catalog: inherit `CatalogLaws`, say where it lies, and run pytest.

::

    class TestOurCatalog(CatalogLaws):
        def make_root(self):
            return CatalogRoot("acme", files("branchkit_acme").joinpath("catalog"))
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.catalog.index import Source
from branchkit.catalog.kinds import FOLDERS, rules_of, texts_of
from branchkit.catalog.loader import version_of
from branchkit.codec import Document
from branchkit.scoring import RubricPolicy, lint_policy
from branchkit.testing.laws import Laws

__all__ = ["CatalogLaws"]


class CatalogLaws(Laws):
    """What every catalog of a plug-in or a bank must do, beside core's and without any other."""

    def make_root(self) -> CatalogRoot:
        """Return the catalog's root, named as the plug-in or the bank."""
        raise NotImplementedError

    def test_it_brings_something(self) -> None:
        """There is at least one document: an empty catalog is a folder that was not packed."""
        name = self.make_root().name

        assert any(source.root == name for source in self._catalog().index.sources), "the folder holds no document"

    def test_it_passes_its_check(self) -> None:
        """What `Catalog.check` asks of core's documents holds for these: nothing unknown, doubled or out of place."""
        root = self.make_root()
        problems = Catalog((root,)).check()

        _none(f"{place}: {problem}" for place, problem in problems if place.startswith(f"{root.name}/"))

    def test_every_document_loads_alone(self) -> None:
        """Each document is found by its id and version in a catalog of which nothing else was read."""
        for source in self._sources():
            found = self._alone(source)
            assert source.version in (None, version_of(found)), f"{source.place} is of another version"

    def test_ids_carry_the_name(self) -> None:
        """Ids begin with the name of the root, so that two catalogs never fight over one; but for overrides."""
        root = self.make_root()
        for source in self._sources():
            if not source.override:
                name = getattr(self._alone(source), "id", "")
                assert name.startswith(f"{root.name}."), f"{source.place} has the id {name!r}"

    def test_words_are_there_in_both_languages(self) -> None:
        """Every text for people is there in Chinese and in English."""
        for source in self._sources():
            for path, text in texts_of(self._alone(source)):
                assert text.zh.strip(), f"{source.place} has no words at `{path}.zh`"
                assert text.en.strip(), f"{source.place} has no words at `{path}.en`"

    def test_documents_come_back(self) -> None:
        """Each document is the same after JSON and after TOML."""
        for source in self._sources():
            document = self._alone(source)
            assert document == type(document).from_json(document.to_json()), f"{source.place} changes by way of JSON"
            assert document == type(document).from_toml(document.to_toml()), f"{source.place} changes by way of TOML"

    def test_rules_that_are_named_are_in_the_register(self) -> None:
        """Every rule that a document names can be looked up."""
        catalog = self._catalog()
        register = {rule.id for rule in catalog.rules()}
        named = ((source, path, rule) for source in self._sources() for path, rule in rules_of(self._alone(source)))

        _none(f"{source.place}: {rule} at `{path}`" for source, path, rule in named if rule not in register)

    def test_policies_fit_what_they_score(self) -> None:
        """A policy selects only what its checklists have, and every part of it has something that moves it."""
        catalog = self._catalog()
        found: list[str] = []
        for source in self._sources():
            if source.kind == "policy":
                policy = self._alone(source)
                assert isinstance(policy, RubricPolicy)
                known = set(catalog.index.ids("checklist")).intersection(policy.checklists)
                forms = {name: catalog.checklist(name) for name in known}
                found += [f"{source.place}: {problem}" for problem in lint_policy(policy, forms)]

        _none(found)

    def _catalog(self) -> Catalog:
        return Catalog((self.make_root(),))

    def _sources(self) -> Iterator[Source]:
        name = self.make_root().name
        for source in self._catalog().index.sources:
            if source.root == name and source.kind in FOLDERS:
                yield source

    def _alone(self, source: Source) -> Document:
        found = self._catalog().get(source.kind, source.id, source.version)
        assert isinstance(found, Document)
        return found


def _none(found: Iterable[str]) -> None:
    listed = list(found)
    assert listed == [], "; ".join(listed[:3]) + (f" (and {len(listed) - 3} more)" if len(listed) > 3 else "")
