"""The one renderer: autoescaping templates, and a page that may load nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from bizlab.labels import LANGS, Label, Lang, joined
from bizlab.report.words import WORDS, counted, month_words
from bizlab.tables import TABLES


def render_page(template: str, *, lang: Lang, title: Label, **context: object) -> str:
    """A whole page in both languages, with its policy.

    The page may load nothing but pictures that it carries itself; its one style sheet and its one script are allowed
    by their fingerprints.
    """
    style, script = asset("page.css"), asset("page.js")
    policy = (
        f"default-src 'none'; style-src 'sha256-{fingerprint(style)}'; script-src 'sha256-{fingerprint(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return _rendered(
        template,
        lang=lang,
        title=title,
        policy=policy,
        style=Markup(style),  # noqa: S704  our own file
        script=Markup(script),  # noqa: S704  our own file
        say=say_both,
        attribute=_attribute_in(lang),
        **context,
    )


def render_fragment(template: str, *, lang: Lang, **context: object) -> str:
    """A piece of HTML in one language, with its own scoped style."""

    def say(label: Label) -> Markup:
        return escape(label.text(lang))

    def attribute(name: str, label: Label) -> Markup:
        return Markup('{}="{}"').format(Markup(name), label.text(lang))  # noqa: S704  names are ours

    style = Markup(asset("fragment.css"))  # noqa: S704  our own file
    return _rendered(template, lang=lang, style=style, say=say, attribute=attribute, **context)


def say_both(label: Label) -> Markup:
    """A text in both languages, of which the page shows one; once where both are the same.

    >>> say_both(Label("净额 <b>", "Net"))
    Markup('<span lang="zh">净额 &lt;b&gt;</span><span lang="en">Net</span>')
    """
    zh, en = map(escape, label)
    if zh == en:
        return zh
    return Markup(f'<span lang="zh">{zh}</span><span lang="en">{en}</span>')  # noqa: S704  both are escaped


def fingerprint(text: str) -> str:
    """The SHA-256 of an inline style or script, as a content-security policy writes it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def asset(name: str) -> str:
    """One of the page's own files."""
    return (files("bizlab.report.pages") / "templates" / name).read_text(encoding="utf-8")


def _attribute_in(lang: Lang) -> Callable[[str, Label], Markup]:
    """An attribute that opens in one language and holds both, so that the page can swap it."""

    def attribute(name: str, label: Label) -> Markup:
        if label.zh == label.en:
            return Markup('{}="{}"').format(Markup(name), label.zh)  # noqa: S704  names are ours
        both = [Markup('data-{}-{}="{}"').format(Markup(name), other, label.text(other)) for other in LANGS]  # noqa: S704
        return Markup('{}="{}" ').format(Markup(name), label.text(lang)) + Markup(" ").join(both)  # noqa: S704

    return attribute


def _table_words(name: str) -> Label:
    """The words for an input table; its own name where it has no contract."""
    return TABLES[name].label if name in TABLES else Label(name, name)


def _rendered(template: str, **context: object) -> str:
    return _environment().get_template(template).render(context)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("bizlab.report.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = {"w": WORDS, "counted": counted, "month_words": month_words, "joined": joined, "table_words": _table_words}
    environment.globals.update(words, langs=LANGS)
    return environment
