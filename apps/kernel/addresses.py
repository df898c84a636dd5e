"""The bank's addresses, of which one is found quickly among a thousand, with or without its last slash."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from django.utils.functional import cached_property

Address: TypeAlias = URLPattern | URLResolver


@dataclass(slots=True)
class _Folder:
    """The addresses that may lie under some words, in their order, and the folders below."""

    addresses: list[Address] = field(default_factory=list)
    below: dict[str, "_Folder"] = field(default_factory=dict)
    resolver: URLResolver | None = None


class Addresses(URLResolver):
    """Included addresses, of which Django asks only those whose fixed words begin the path.

    It asks one after the other until one fits, as always; but of some thousand that takes a quarter of a request.
    """

    @classmethod
    def like(cls, one: URLResolver) -> Self:
        """The same addresses under the same prefix and names."""
        return cls(one.pattern, one.urlconf_name, one.default_kwargs, one.app_name, one.namespace)

    @cached_property
    def url_patterns(self) -> list[Address]:
        """All of them, those included further down looked up in the same way."""
        return [Addresses.like(one) if type(one) is URLResolver else one for one in super().url_patterns]

    def resolve(self, path: Any) -> ResolverMatch:
        """The view behind a path. Raises Resolver404."""
        match = self.pattern.match(str(path))
        if not match:
            raise Resolver404({"path": path})
        folder = self._folders
        for word in match[0].split("/"):
            if word not in folder.below:
                break
            folder = folder.below[word]
        if folder.resolver is None:
            folder.resolver = URLResolver(
                self.pattern, folder.addresses, self.default_kwargs, self.app_name, self.namespace
            )
        return folder.resolver.resolve(path)

    @cached_property
    def _folders(self) -> _Folder:
        """By fixed words; an address also lies in every folder below its own, for its rest may be any word."""
        top = _Folder()
        for one in self.url_patterns:
            folder = top
            for word in _fixed_words(one):
                folder = folder.below.setdefault(word, _Folder())
        for one in self.url_patterns:
            folder = top
            for word in _fixed_words(one):
                folder = folder.below[word]
            _lay(one, folder)
        return top


class EitherSlash(Addresses):
    """All addresses of the bank: each answers with and without its last slash, without a redirect that would lose what
    was posted. As it is given comes first.
    """

    def __init__(self, addresses: Iterable[Address]) -> None:
        super().__init__(RoutePattern(""), list(addresses))

    def resolve(self, path: Any) -> ResolverMatch:
        """The view behind a path. Raises Resolver404."""
        try:
            return super().resolve(path)
        except Resolver404:
            other = path[:-1] if path.endswith("/") else f"{path}/"
            if other == "/":
                raise
            return super().resolve(other)


def under(*words: str) -> list[Address]:
    """The bank's addresses that begin with one of these, like `api/v1/consents`."""
    roots = [one for one in get_resolver().url_patterns if isinstance(one, EitherSlash)]
    return [one for root in roots for one in root.url_patterns if str(one.pattern).startswith(words)]


def _fixed_words(one: Address) -> list[str]:
    """The whole words that a path must begin with; none where that is a matter of an expression."""
    if not isinstance(one.pattern, RoutePattern):
        return []
    route = str(one.pattern)
    fixed = route.partition("<")[0]
    is_whole = isinstance(one, URLPattern) and fixed == route
    words = fixed.split("/") if is_whole else fixed.split("/")[:-1]
    return words[:-1] if words and not words[-1] else words


def _lay(one: Address, folder: _Folder) -> None:
    folder.addresses.append(one)
    for below in folder.below.values():
        _lay(one, below)
