"""The files of a scan as one program: which function, class or library call a symbol stands for.

Nothing is imported. A name that leads through modules of the tree is followed through imports, re-exports and base
classes; one that leaves the tree is looked up in the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from iobound.verbs.scan.catalogue.lookup import Catalogue
from iobound.verbs.scan.program.facts import ClassFacts, FileFacts, FunctionFacts

FOLLOWED = 12
"""Imports, bases and results that are followed for one name."""


class Module(NamedTuple):
    """A file with the name that it has as a module.

    Attributes:
        file: As findings name it.
        name: Dotted, as seen from the folder that holds its outermost package.
        package: Of what relative imports are relative to.
    """

    file: str
    name: str
    package: str
    facts: FileFacts


class Function(NamedTuple):
    """A function of the tree, by numbers of its module and in its module."""

    module: int
    number: int


class Class(NamedTuple):
    """A class of the tree, and whether an instance of it is meant."""

    module: int
    number: int
    instance: bool = False


class Library(NamedTuple):
    """What is not in the tree, by the catalogue's name; of its type for an instance."""

    name: str
    instance: bool = False


class Package(NamedTuple):
    """A module of the tree, or a folder with modules."""

    name: str


Target = Function | Class | Library | Package


class Tree:
    """Resolves symbols of the files of one scan."""

    def __init__(self, modules: list[Module], catalogue: Catalogue) -> None:
        self.modules = modules
        self._catalogue = catalogue
        self._by_name: dict[str, int] = {}
        self._roots: set[str] = set()
        self._packages: set[str] = set()
        self._lines: dict[Class, tuple[Class | Library, ...]] = {}
        self._functions: list[dict[str, int]] = []
        self._classes: list[dict[str, int]] = []
        for number, module in enumerate(modules):
            self._by_name.setdefault(module.name, number)
            self._roots.add(module.name.partition(".")[0])
            above = module.name
            while above:
                self._packages.add(above)
                above = above.rpartition(".")[0]
            self._functions.append({each.name: at for at, each in enumerate(module.facts.functions)})
            self._classes.append({each.name: at for at, each in enumerate(module.facts.classes)})
        self._memo: dict[str, Target | None] = {}
        self._stars: dict[int, Sequence[int | str]] = {}
        self._inside: dict[tuple[int, str], Target | None] = {}
        self._by_symbol: list[dict[int, Target | None]] = [{} for _ in modules]

    def function(self, target: Function) -> FunctionFacts:
        """The facts of a function."""
        return self.modules[target.module].facts.functions[target.number]

    def named(self, target: Function) -> str:
        """Dotted name of a function, for people."""
        module = self.modules[target.module]
        name = self.function(target).name.partition("@")[0].replace(".<locals>", "")
        return f"{module.name}.{name}" if module.name else name

    def key(self, module: int, name: str) -> Function | None:
        """A function by its qualified name, None when it has no facts because it does nothing that matters."""
        number = self._functions[module].get(name)
        return None if number is None else Function(module, number)

    def class_number(self, module: int, name: str) -> int | None:
        """The number of a class in its module, by its qualified name."""
        return self._classes[module].get(name)

    def above(self, klass: Class) -> tuple[Class | Library, ...]:
        """What a class is derived from, in the order in which Python looks."""
        return self._above(klass)

    def target(self, module: int, symbol: int) -> Target | None:
        """What a symbol of a module stands for, None when that cannot be told."""
        memo = self._by_symbol[module]
        if symbol not in memo:
            memo[symbol] = None  # what leads to itself leads nowhere
            memo[symbol] = self._symbol(module, self.modules[module].facts.symbols[symbol], FOLLOWED)
        return memo[symbol]

    def named_target(self, symbol: str) -> Target | None:
        """What an absolute symbol stands for."""
        return self._symbol(0, symbol, FOLLOWED)

    def definition(self, module: int, symbol: str, left: int = FOLLOWED) -> tuple[int, str] | None:
        """Module and qualified name of a function of the tree, also of one that has no facts because it does nothing.

        Args:
            module: Where the symbol stands.
        """
        target = self._symbol(module, symbol, left)
        if isinstance(target, Function):
            return target.module, self.function(target).name
        if target is not None or left <= 0:
            return None
        if symbol.startswith(":"):
            return module, symbol[1:]
        if symbol.startswith("."):
            name = symbol.lstrip(".")
            symbol = self._absolute(module, len(symbol) - len(name), name)
        parts = symbol.split(".")
        for length in range(len(parts) - 1, 0, -1):
            found = self._by_name.get(".".join(parts[:length]))
            if found is not None:
                return self._defined_in(found, parts[length:], left - 1)
        return None

    def _defined_in(self, module: int, parts: list[str], left: int) -> tuple[int, str] | None:
        facts = self.modules[module].facts
        export = facts.exports.get(parts[0])
        if export is None:
            return module, ".".join(parts)
        return self.definition(module, ".".join([facts.symbols[export], *parts[1:]]), left)

    def _symbol(self, module: int, symbol: str, left: int) -> Target | None:
        if left <= 0:
            return None
        if symbol.startswith(":"):
            return self._in_module(module, symbol[1:].split("."), left)
        if symbol.startswith("."):
            name = symbol.lstrip(".")
            symbol = self._absolute(module, len(symbol) - len(name), name)
        known = self._memo.get(symbol, False)
        if known is False:
            self._memo[symbol] = None
            known = self._memo[symbol] = self._dotted(symbol, left)
        return known  # type: ignore[return-value]

    def _absolute(self, module: int, dots: int, name: str) -> str:
        package = self.modules[module].package
        for _ in range(dots - 1):
            package = package.rpartition(".")[0]
        return f"{package}.{name}" if package and name else package or name

    def _dotted(self, symbol: str, left: int) -> Target | None:
        parts = symbol.split(".")
        if parts[0] not in self._roots:
            return self._library(parts)
        for length in range(len(parts), 0, -1):
            name = ".".join(parts[:length])
            module = self._by_name.get(name)
            if module is not None:
                return self._in_module(module, parts[length:], left - 1)
            if name in self._packages:
                return Package(name) if length == len(parts) else None
        return self._library(parts)

    def _library(self, parts: list[str]) -> Library | None:
        """Follows what calls give; `()` behind a part stands for a call."""
        name, instance = "", False
        for part in parts:
            plain = part.rstrip("()")
            name = self._catalogue.canonical(f"{name}.{plain}" if name else plain)
            instance = False
            for call in range((len(part) - len(plain)) // 2):
                returned = self._catalogue.returned_by(f"{name}.__call__" if call else name)
                if returned is None:
                    return None
                name, instance = returned, True
        return Library(name, instance)

    def has_module(self, module: int, name: str) -> bool:
        """Whether a module of the tree has a name, as an import in another writes it: with dots, if it is relative."""
        plain = name.lstrip(".")
        return (self._absolute(module, len(name) - len(plain), plain) if name != plain else name) in self._by_name

    # In the tree

    def _in_module(self, module: int, parts: list[str], left: int) -> Target | None:
        if left <= 0:
            return None
        if not parts:
            return Package(self.modules[module].name)
        key = (module, ".".join(parts))
        if key not in self._inside:
            self._inside[key] = None  # what leads to itself leads nowhere
            self._inside[key] = self._in_module_anew(module, parts, left)
        return self._inside[key]

    def _in_module_anew(self, module: int, parts: list[str], left: int) -> Target | None:
        functions, classes = self._functions[module], self._classes[module]
        for length in range(len(parts), 0, -1):
            name = ".".join(parts[:length])
            plain = name.removesuffix("()")
            called, rest = plain != name, parts[length:]
            if plain in functions:
                return self._of_function(Function(module, functions[plain]), called, rest, left)
            if plain in classes:
                return self._of_class(Class(module, classes[plain], called), rest, left)
        return self._elsewhere(module, parts, left)

    def _elsewhere(self, module: int, parts: list[str], left: int) -> Target | None:
        """A name that the module has from somewhere else."""
        facts = self.modules[module].facts
        plain = parts[0].removesuffix("()")
        export = facts.exports.get(plain)
        if export is not None:
            symbol = facts.symbols[export]
            if parts[0] != plain:
                symbol += "()"
            found = self._symbol(module, ".".join([symbol, *parts[1:]]), left - 1)
            if symbol.endswith("()") and parts[1:] and parts[0] == plain and self._is_unlisted(found):
                # `Session = sessionmaker()`: where it was called it looked like a class
                return self._symbol(module, ".".join([f"{symbol}()", *parts[1:]]), left - 1) or found
            return found
        submodule = f"{self.modules[module].name}.{plain}"
        if submodule in self._packages and submodule in self._by_name:
            return self._in_module(self._by_name[submodule], parts[1:], left - 1)
        return self._starred(module, parts, plain, left)

    def _starred(self, module: int, parts: list[str], plain: str, left: int) -> Target | None:
        """A name that the module has through `from … import *`."""
        for source in self._star_sources(module):
            if isinstance(source, int):
                if self._has(source, plain):
                    return self._in_module(source, parts, left - 1)
                continue
            found = self._library([*source.split("."), *parts])
            if found is not None and not self._is_unlisted(found):
                return found
        return None

    def _star_sources(self, module: int) -> Sequence[int | str]:
        """Modules of the tree, and libraries, from which a module has names by stars, its own and those of others."""
        known = self._stars.get(module)
        if known is not None:
            return known
        found: dict[int | str, None] = {}
        pending = [*reversed(self._stars_of(module))]
        while pending:
            source = pending.pop()
            if source == module or source in found:
                continue
            found[source] = None
            if isinstance(source, int):
                pending += reversed(self._stars_of(source))
        self._stars[module] = known = tuple(found)
        return known

    def _stars_of(self, module: int) -> list[int | str]:
        """What the stars of a module stand for: modules of the tree, else the dotted names of libraries."""
        found: list[int | str] = []
        for star in self.modules[module].facts.stars:
            name = star.lstrip(".")
            dotted = self._absolute(module, len(star) - len(name), name) if name != star else name
            source = self._by_name.get(dotted)
            if source is not None:
                found.append(source)
            elif not self._is_missing(dotted):
                found.append(dotted)
        return found

    def _is_missing(self, module: str) -> bool:
        """Whether a module that is not there would be part of a package of the tree: generated, compiled or optional.

        Nothing is known of it; asking its package for it would lead to the same star again.
        """
        above = module
        while above and above not in self._packages:
            above = above.rpartition(".")[0]
        return bool(above)

    def _has(self, module: int, name: str) -> bool:
        """Whether a module itself has a name at its top that is known to lead somewhere."""
        return (
            name in self.modules[module].facts.exports
            or name in self._functions[module]
            or name in self._classes[module]
        )

    def _is_unlisted(self, target: Target | None) -> bool:
        """Whether it is something of a library of which nothing is known."""
        return isinstance(target, Library) and self._catalogue.find(target.name) is None

    def _of_function(self, function: Function, called: bool, rest: list[str], left: int) -> Target | None:
        facts = self.function(function)
        if not called and not rest:
            return function
        if called or "p" in facts.kind:
            given = self.target(function.module, facts.returns) if facts.returns >= 0 else None
            return self._member(given, rest, left - 1)
        return None

    def _of_class(self, klass: Class, rest: list[str], left: int) -> Target | None:
        return self._member(klass, rest, left - 1)

    def _member(self, owner: Target | None, rest: list[str], left: int) -> Target | None:
        """What attributes of something stand for."""
        if owner is None or left <= 0 or not rest:
            return owner
        if isinstance(owner, Library):
            return self._library([*owner.name.split("."), *rest])
        if not isinstance(owner, Class):
            return None
        found = self._own(owner, rest, left)
        for parent in () if found is not None else self._above(owner):
            found = self._own(parent, rest, left - 1) if isinstance(parent, Class) else self._member(parent, rest, left)
            if found is not None and (not isinstance(found, Library) or self._catalogue.find(found.name)):
                return found
            found = None
        return found

    def _own(self, owner: Class, rest: list[str], left: int) -> Target | None:
        """What attributes stand for that the class itself has."""
        module, facts = owner.module, self._class(owner)
        plain = rest[0].removesuffix("()")
        method = self._functions[module].get(f"{facts.name}.{plain}")
        if method is not None:
            return self._of_function(Function(module, method), plain != rest[0], rest[1:], left)
        if plain in facts.attributes and plain == rest[0]:
            return self._member(self.target(module, facts.attributes[plain]), rest[1:], left - 1)
        return None

    def _above(self, owner: Class, around: frozenset[Class] = frozenset()) -> tuple[Class | Library, ...]:
        """What a class is derived from, in the order in which Python looks: what two share comes after both."""
        klass = _instance(owner)
        if klass in self._lines or klass in around or len(around) > FOLLOWED:
            return self._lines.get(klass, ())
        found: list[Class | Library] = []
        for base in self._class(klass).bases:
            parent = self.target(klass.module, base)
            if isinstance(parent, Class | Library) and parent != owner:
                found.append(Library(parent.name, True) if isinstance(parent, Library) else _instance(parent))
                if isinstance(parent, Class):
                    found += self._above(parent, around | {klass})
        line = tuple(reversed(dict.fromkeys(each for each in reversed(found) if each != klass)))
        if not around:  # else a circle may have cut it short
            self._lines[klass] = line
        return line

    def _class(self, target: Class) -> ClassFacts:
        return self.modules[target.module].facts.classes[target.number]

    # What a call runs

    def runs(self, target: Target | None) -> Iterator[Function | Library]:
        """What a call of something runs: of a class its constructors."""
        if isinstance(target, Function | Library):
            yield target
        elif isinstance(target, Class):
            name = "__call__" if target.instance else "__init__"
            for method in (name, "__post_init__") if not target.instance else (name,):
                found = self._member(_instance(target), [method], FOLLOWED)
                if isinstance(found, Function):
                    yield found
                elif isinstance(found, Library) and method == name and not target.instance:
                    yield Library(found.name.rpartition(".")[0])


def _instance(klass: Class) -> Class:
    return klass if klass.instance else Class(klass.module, klass.number, True)
