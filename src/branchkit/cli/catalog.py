"""``branchkit catalog``: what documents there are, what they say, whether they are sound, how they are written."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from branchkit.catalog import Catalog, CatalogEntry, CatalogRoot, Rule
from branchkit.cli.app import State
from branchkit.cli.output import json_option, print_json
from branchkit.codec import dump_json, unstructure
from branchkit.values import Text

__all__ = ["catalog_group"]


@click.group(name="catalog")
def catalog_group() -> None:
    """规范库: look at the catalog of documents and rules."""


@catalog_group.command(name="list")
@click.option("--kind", metavar="KIND", help="Documents of one kind only, as checklist.")
@json_option
@click.pass_obj
def list_command(state: State, kind: str | None, as_json: bool) -> None:
    """List the documents: kind, id, version, title and how many rules each carries out."""
    for entry in state.rules.catalog.entries(kind):
        if as_json:
            print_json(_fields(entry))
        else:
            rules = f"{len(entry.rules)} rules" if entry.rules else ""
            click.echo(f"{entry.kind:16} {entry.id:28} {entry.version:8} {entry.title or ''}  {rules}".rstrip())


@catalog_group.command(name="show")
@click.argument("kind")
@click.argument("id")
@json_option
@click.pass_obj
def show_command(state: State, kind: str, id: str, as_json: bool) -> None:
    """Show one document, or the rule of an id: `catalog show rule estate:EST-OUT-01`."""
    found = state.rules.catalog.get(kind, id)
    if as_json:
        title = getattr(found, "title", None) or getattr(found, "text", None)
        rules = [found.id] if isinstance(found, Rule) else list(_rules(state.rules.catalog, kind, id))
        print_json(
            {
                "kind": kind,
                "id": id,
                "version": getattr(found, "version", None),
                "title": _words(title),
                "rules": rules,
                "document": unstructure(found),
            }
        )
    elif isinstance(found, Rule):
        click.echo(dump_json(unstructure(found), indent=2).decode())
    else:
        click.echo(found.to_toml(), nl=False)


_folder = click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
_name = click.option("--name", default="bank", show_default=True, help="The name of the root in FOLDER.")


@catalog_group.command(name="check")
@_folder
@_name
@json_option
@click.pass_context
def check_command(ctx: click.Context, folder: Path | None, name: str, as_json: bool) -> None:
    """Check every document as strictly as core's own; with FOLDER, a bank's own catalog beside the others."""
    catalog = _with_folder(ctx, folder, name)
    problems = catalog.check()
    for document, problem in problems:
        if as_json:
            print_json({"document": document, "path": problem.path, "message": problem.message})
        else:
            click.echo(f"{document}: {problem}")
    if not problems and not as_json:
        click.echo(f"{sum(1 for _ in catalog.entries())} documents, no problems")
    sys.exit(1 if problems else 0)


@catalog_group.command(name="diff")
@_folder
@_name
@json_option
@click.pass_context
def diff_command(ctx: click.Context, folder: Path | None, name: str, as_json: bool) -> None:
    """Show what overriding documents and items change against the packaged ones; with FOLDER, those in it alone."""
    found = _with_folder(ctx, folder, name).diff(None if folder is None else name)
    for one in found:
        if as_json:
            for change in one.changes:
                print_json(
                    {
                        "kind": one.kind,
                        "id": one.id,
                        "root": one.root,
                        "what": change.what,
                        "path": change.path,
                        "before": change.before,
                        "after": change.after,
                        "reason": _words(change.reason),
                    }
                )
        else:
            click.echo(f"{one.kind} {one.id}: {one.after}, by {one.root}, in place of {one.before}")
            for change in one.changes:
                click.echo(f"  {change}")
    if not as_json:
        click.echo(f"{len(found)} documents overridden, {sum(len(one.changes) for one in found)} changes")


@catalog_group.command(name="schema")
@click.argument("kind")
@json_option
@click.pass_obj
def schema_command(state: State, kind: str, as_json: bool) -> None:
    """Print the JSON Schema of a kind of document, for editors; with --json on one line."""
    schema = state.rules.catalog.schema(kind)
    if as_json:
        print_json(schema)
    else:
        click.echo(json.dumps(schema, ensure_ascii=False, indent=2))


def _with_folder(ctx: click.Context, folder: Path | None, name: str) -> Catalog:
    """Return the catalog in force, with a bank's own folder beside the other roots where one is named."""
    state: State = ctx.obj
    catalog = state.rules.catalog
    if folder is not None:
        try:
            return Catalog((*catalog.roots[1:], CatalogRoot(name, folder)))
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--name") from error
    if ctx.get_parameter_source("name") is not click.core.ParameterSource.DEFAULT:
        raise click.BadParameter("Has no effect without FOLDER", param_hint="--name")
    return catalog


def _fields(entry: CatalogEntry) -> dict[str, object]:
    return {
        "kind": entry.kind,
        "id": entry.id,
        "version": entry.version,
        "title": _words(entry.title),
        "rules": list(entry.rules),
    }


def _words(text: object) -> dict[str, str] | None:
    return {"zh": text.zh, "en": text.en} if isinstance(text, Text) else None


def _rules(catalog: Catalog, kind: str, id: str) -> tuple[str, ...]:
    return next((entry.rules for entry in catalog.entries(kind) if entry.id == id), ())
