"""What iterations of a loop share: objects from outside that they change, consume, write to or pass on."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from itertools import chain

from iobound.verbs.scan.catalogue.lookup import Catalogue
from iobound.verbs.scan.loop.callees import (
    CHANGING,
    CONSTRUCTORS,
    Callees,
    function_called,
    matched,
    own_stores,
    root_of,
)
from iobound.verbs.scan.loop.carrying import aliases
from iobound.verbs.scan.loop.files import shared_files
from iobound.verbs.scan.loop.fixed import fixed_text
from iobound.verbs.scan.loop.following import views_below
from iobound.verbs.scan.loop.restoring import restored
from iobound.verbs.scan.loop.unshared import VALUES, gives_module, is_of_expression
from iobound.verbs.scan.loop.view import View
from iobound.verbs.scan.syntax.names import Meaning, Names, spelled
from iobound.verbs.scan.syntax.sources import shorten
from iobound.verbs.scan.syntax.survey import Bound, Scope, Survey

COLLECTING = frozenset("append appendleft add extend insert update setdefault put put_nowait".split())
WRITING = frozenset("write writestr writelines writerow writerows send sendall sendto flush".split())
CONSUMING = frozenset(
    "read read1 readline readlines readinto recv recv_into recvfrom fetchone fetchmany "
    "__next__ get_nowait seek accept".split()
)
TAKING = CHANGING - COLLECTING
HARMLESS = frozenset(
    "keys values items copy index count startswith endswith strip split join format encode decode lower upper replace "
    "isdigit title is_set locked qsize empty exists is_file is_dir debug info warning error exception critical log "
    "acquire release submit apply_async fileno close get_secret_value model_dump model_dump_json validate_python "
    "validate_json dump_python dump_json isoformat total_seconds".split()
)
_MEMORY = frozenset({"str", "bytes", "int", "float", "bool", "tuple", "frozenset", "range", "type", "complex"})
_CONTAINERS = frozenset({"builtins.list", "builtins.dict", "builtins.set", "builtins.bytearray"})
_IN_MEMORY = ("builtins.", "collections.", "re.")
_ONE_AT_A_TIME = ("smtplib.", "ftplib.", "imaplib.", "poplib.", "http.client.", "telnetlib.", "paramiko.", "websocket.")
"""Of clients whose requests follow one another on one connection."""

_SAFE_WITH_CARE = frozenset({"network"})


class Grounds:
    """Why iterations are dependent (`blocks`), why that is not known (`doubts`), and what to mind (`notes`)."""

    def __init__(self) -> None:
        self.blocks: list[str] = []
        self.doubts: list[str] = []
        self.notes: list[str] = []


class Sharing:
    """Judges what the iterations of loops in one file do to shared objects."""

    def __init__(self, found: Survey, names: Names, catalogue: Catalogue) -> None:
        self._cooperative = found.entered.union(found.awaited)
        self._names = names
        self._catalogue = catalogue
        self._callees = Callees(names)
        self._looked_at: tuple[ast.AST, ...] = ()
        self._uses: Uses = {}

    def weigh(self, view: View, grounds: Grounds) -> None:
        """Add what speaks against taking the iterations apart."""
        for target, is_update in view.usage.stores:
            self._store(target, is_update, view, grounds)
        for call in view.usage.calls:
            self._call(call, view, grounds)
        below = list(views_below(view, self._names))
        for inner in below:
            self._inside(inner, grounds)
        grounds.blocks.extend(f"changes `{path}` for everybody and puts it back" for path in restored([view, *below]))
        both, written = shared_files([view, *below], self._names)
        grounds.blocks.extend(f"goes on from what the iteration before left in the file {text}" for text in both)
        grounds.doubts.extend(f"each iteration writes the same file, {text}" for text in written)

    def _inside(self, view: View, grounds: Grounds) -> None:
        """What a function does that an iteration calls; what it changes by itself is told by `Callees`."""
        for target, is_update in own_stores(view.nodes):
            if is_update or not view.function.name.endswith(CONSTRUCTORS):
                self._part_of_item(target, view, grounds)
        for call in view.usage.calls:
            func = call.func
            meaning = self._names.meaning(func, view.function)
            if not (isinstance(func, ast.Attribute) and self._is_object(func.value, view)):
                if meaning is not None and meaning.name != "time.sleep":
                    self._plain(call, meaning, view, grounds)
            elif self._is_no_matter(call, func, view):
                continue
            elif func.attr in WRITING and not self._in_memory(func.value, view):
                grounds.doubts.append(f"`{spelled(func)}` writes to what all calls share, in the order of the calls")
            else:
                self._method(call, func, meaning, view, grounds)

    def _is_no_matter(self, call: ast.Call, func: ast.Attribute, view: View) -> bool:
        """Whether a method is told of elsewhere, or does not concern what all calls share."""
        is_chosen = fixed_text(func.value, view) is None  # such as an element that the item chooses
        is_cooperative = call in self._cooperative and func.attr not in CONSUMING
        return is_chosen or is_cooperative or func.attr in CHANGING | COLLECTING

    def _in_memory(self, node: ast.expr, view: View) -> bool:
        owner = self._names.meaning(node, view.function)
        return owner is not None and owner.instance and (owner.local or owner.name.startswith(_IN_MEMORY))

    @staticmethod
    def _part_of_item(target: ast.expr, view: View, grounds: Grounds) -> None:
        """A change of what the item only refers to, such as `transfer.source.balance`: other items may refer to it."""
        root = root_of(target)
        if root is None or not isinstance(target, ast.Attribute):
            return
        deep = not isinstance(target.value, ast.Name) and root.id in view.usage.targets
        for binding in view.function.bindings.get(root.id, ()):
            taken = binding.payload if binding.how is Bound.VALUE else None
            if isinstance(taken, ast.Attribute | ast.Subscript):
                origin = root_of(taken)
                deep |= origin is not None and origin.id in view.usage.targets and view.usage.is_private(root.id)
        if deep:
            grounds.doubts.append(f"changes `{spelled(target)}`: check that no two items refer to the same object")

    # Assignments to attributes and items

    def _store(self, target: ast.Attribute | ast.Subscript, is_update: bool, view: View, grounds: Grounds) -> None:
        root = root_of(target)
        if root is not None and root.id in view.usage.targets:
            grounds.notes.append(f"changes `{root.id}` itself: return the value when processes are used")
        if view.is_outer(target) is None:
            self._part_of_item(target, view, grounds)
            self._part_of_outer(root, view, grounds)
            return
        path = spelled(target.value if isinstance(target, ast.Subscript) else target)
        if isinstance(target, ast.Attribute):
            self._attribute(path, is_update, view, grounds)
            return
        grounds_before = len(grounds.blocks)
        self._other_uses(path, ast.dump(target.slice), view, grounds)
        if len(grounds.blocks) == grounds_before:
            grounds.notes.append(f"reduction over `{path}` by key" if is_update else f"collects into `{path}`")

    @staticmethod
    def _part_of_outer(root: ast.Name | None, view: View, grounds: Grounds) -> None:
        """A change of what an iteration took out of a container that others use: `for cell in grid[0]: cell.x = 1`."""
        if root is None or root.id in view.usage.targets:
            return
        outer = {name for name in view.usage.reads if not view.usage.is_private(name)}
        owner = aliases(view.nodes, outer).get(root.id)
        if owner is None:
            return
        loop = view.loop
        over = loop.iter if isinstance(loop, ast.For | ast.AsyncFor) else None
        if over is not None and any(isinstance(part, ast.Name) and part.id == owner for part in ast.walk(over)):
            grounds.blocks.append(f"changes other parts of `{owner}` while running over it")
        else:
            grounds.doubts.append(f"changes parts of `{owner}`: check that no two iterations change the same")

    @staticmethod
    def _attribute(path: str, is_update: bool, view: View, grounds: Grounds) -> None:
        read = any(
            isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and spelled(node) == path
            for node in view.nodes
        )
        if read:
            grounds.blocks.append(f"`{path}` is carried from one iteration to the next")
        elif is_update:
            grounds.notes.append(f"reduction over `{path}`")
        else:
            grounds.doubts.append(f"sets `{path}`: only the value of the last iteration stays")

    def _other_uses(self, path: str, key: str, view: View, grounds: Grounds) -> None:
        """Reads of a container that the loop fills."""
        for kind, node in self._uses_of(path, view.nodes):
            if kind == "item" and ast.dump(node) != key:
                grounds.blocks.append(f"`{path}` is read at other places than the iteration writes")
            elif kind == "test":
                grounds.doubts.append(f"looks into `{path}` before adding to it: remove duplicates first")
            elif kind == "each":
                grounds.blocks.append(f"runs over `{path}` while it changes")
            elif kind == "whole":
                grounds.doubts.append(f"uses `{path}` while it grows")

    # Calls

    def _call(self, call: ast.Call, view: View, grounds: Grounds) -> None:
        meaning = self._names.meaning(call.func, view.function)
        if isinstance(call.func, ast.Attribute) and self._is_object(call.func.value, view):
            if call in self._cooperative and call.func.attr not in CONSUMING:
                return  # coroutines of one event loop may share a client
            self._method(call, call.func, meaning, view, grounds)
        elif meaning is not None:
            self._plain(call, meaning, view, grounds)
        self._arguments(call, meaning, view, grounds)
        callee = function_called(call, view.function, self._names)
        if callee is not None:
            self._function(call, callee, view, grounds)

    def _is_object(self, receiver: ast.expr, view: View) -> bool:
        """Whether a receiver is an object from outside, not a module, a class or a value of the iteration."""
        if view.is_outer(receiver) is None:
            return False
        meaning = self._names.meaning(receiver, view.function)
        if meaning is None or meaning.instance:
            return True
        return meaning.local and meaning.scope is None and not meaning.dots  # what is imported is a module, mostly

    def _plain(self, call: ast.Call, meaning: Meaning, view: View, grounds: Grounds) -> None:
        hazard = self._catalogue.process_wide(meaning.name) if not meaning.local else None
        if hazard is not None:
            grounds.doubts.append(f"`{meaning.name}` concerns the whole process: {hazard}")
        first = call.args[0] if call.args else None
        if meaning.name == "builtins.print":
            grounds.notes.append("ordered output through `print`: leave it to the caller, in order")
        elif meaning.name == "builtins.input":
            grounds.blocks.append("asks the user in each iteration")
        elif meaning.name == "time.sleep":
            grounds.notes.append("sleeps on purpose: a throttle must be kept")
        elif meaning.name in ("builtins.next", "heapq.heappop") and first is not None and view.is_outer(first):
            grounds.blocks.append(f"takes the next item from `{spelled(first)}`")
        elif meaning.name == "heapq.heappush" and first is not None and view.is_outer(first):
            grounds.notes.append(f"collects into `{spelled(first)}`")

    def _method(
        self, call: ast.Call, func: ast.Attribute, meaning: Meaning | None, view: View, grounds: Grounds
    ) -> None:
        path, method = spelled(func.value), func.attr
        owner = self._names.meaning(func.value, view.function)
        type_name = owner.name if owner is not None and owner.instance and not owner.local else ""
        in_memory = type_name.startswith(_IN_MEMORY)
        if type_name.removeprefix("builtins.") in _MEMORY or (meaning is not None and meaning.scope is not None):
            return
        if method in COLLECTING:
            self._collected(path, view, grounds)
        elif method in WRITING and not in_memory:
            grounds.notes.append(f"ordered output through `{path}.{method}`: leave it to the caller, in order")
        elif method == "read" and _names_the_item(call, view):
            grounds.doubts.append(f"check that iterations may share `{path}`")
        elif method in CONSUMING and not in_memory and not type_name.startswith("pathlib."):
            grounds.blocks.append(f"`{path}.{method}` goes on where the iteration before stopped")
        elif method in TAKING:
            grounds.blocks.append(f"`{path}.{method}` takes from what iterations share")
        elif method not in HARMLESS and not in_memory and not type_name.startswith(VALUES):
            if not is_of_expression(func.value, view) and not gives_module(func.value, view, self._names):
                self._client(path, type_name, meaning, grounds)

    def _uses_of(self, path: str, nodes: tuple[ast.AST, ...]) -> list[tuple[str, ast.AST]]:
        if self._looked_at is not nodes:  # all paths of a loop are asked for one after the other
            self._looked_at, self._uses = nodes, _uses_by_path(nodes)
        return self._uses.get(path, [])

    def _collected(self, path: str, view: View, grounds: Grounds) -> None:
        if isinstance(view.loop, ast.For | ast.AsyncFor) and spelled(view.loop.iter) == path:
            grounds.blocks.append(f"adds to `{path}` while running over it")
        for kind, _ in self._uses_of(path, view.nodes):
            if kind == "item":
                grounds.blocks.append(f"reads back what it collects in `{path}`")
            elif kind == "test":
                grounds.doubts.append(f"looks into `{path}` before adding to it: remove duplicates first")
            elif kind == "each":
                grounds.blocks.append(f"runs over `{path}` while it grows")
            elif kind == "whole":
                grounds.doubts.append(f"uses `{path}` while it grows")
        grounds.notes.append(f"collects into `{path}`")

    def _client(self, path: str, type_name: str, meaning: Meaning | None, grounds: Grounds) -> None:
        if type_name in ("", "typing.Any"):
            grounds.doubts.append(f"check that iterations may share `{path}`")
            return
        safe = self._catalogue.is_thread_safe(type_name)
        if safe:
            return
        if type_name.startswith(_ONE_AT_A_TIME):
            grounds.doubts.append(f"`{path}` ({type_name}) is one connection: one for each worker")
            return
        entry = self._catalogue.find(meaning.name) if meaning is not None else None
        if entry is not None and entry.category in _SAFE_WITH_CARE:
            grounds.notes.append(f"`{path}` ({type_name}) is shared: one for each worker is safer")
        elif safe is False:
            grounds.doubts.append(f"`{path}` ({type_name}) must not be shared: one for each worker")
        else:
            grounds.doubts.append(f"check that iterations may share `{path}` ({type_name})")

    def _function(self, call: ast.Call, function: Scope, view: View, grounds: Grounds) -> None:
        changes = self._callees.changes(function)
        common = {path: path for path in changes.shared}
        is_new = function.name.endswith(CONSTRUCTORS)
        if not is_new and isinstance(call.func, ast.Attribute) and view.is_outer(call.func.value) is not None:
            common |= {path: path for path in changes.own}
        for parameter, argument in matched(call, function):
            if parameter in changes.parameters and view.is_outer(argument) is not None:
                common[parameter] = shorten(spelled(argument), 60)
        for path in sorted(common):
            if path in changes.carried:
                grounds.blocks.append(
                    f"`{spelled(call.func)}` goes on from what the call before left in `{common[path]}`"
                )
            else:
                grounds.doubts.append(f"`{spelled(call.func)}` changes `{common[path]}`, which all calls share")

    def _arguments(self, call: ast.Call, meaning: Meaning | None, view: View, grounds: Grounds) -> None:
        for argument in (*call.args, *(word.value for word in call.keywords)):
            if not isinstance(argument, ast.Name | ast.Attribute) or view.is_outer(argument) is None:
                continue
            passed = self._names.meaning(argument, view.function)
            if passed is None or not passed.instance:
                continue
            if passed.name.startswith("io.") and not passed.local:
                grounds.notes.append(f"ordered output through `{spelled(argument)}`: leave it to the caller, in order")
            elif not passed.local and self._catalogue.is_thread_safe(passed.name) is False:
                grounds.doubts.append(f"`{spelled(argument)}` ({passed.name}) must not be shared: one for each worker")
            elif passed.name in _CONTAINERS and meaning is None:
                grounds.doubts.append(f"passes `{spelled(argument)}` on: check that it is not changed")


def _names_the_item(call: ast.Call, view: View) -> bool:
    """Whether an argument is the item itself: `archive.read(name)` looks something up, `file.read(8)` goes on."""
    return any(isinstance(arg, ast.Name) and arg.id in view.usage.targets for arg in call.args)


Uses = Mapping[str, list[tuple[str, ast.AST]]]


def _uses_by_path(nodes: tuple[ast.AST, ...]) -> Uses:
    """Reads of containers: `item` with the key, `test` for membership or length, `each` by a loop over it, `whole`."""
    found: dict[str, list[tuple[str, ast.AST]]] = {}
    accounted: set[ast.AST] = set()
    for kind, container, use in chain.from_iterable(map(_uses_in, nodes)):
        accounted.add(container)
        if kind:
            found.setdefault(spelled(container), []).append((kind, use))
    for node in nodes:
        if isinstance(node, ast.Name | ast.Attribute) and node not in accounted and isinstance(node.ctx, ast.Load):
            found.setdefault(spelled(node), []).append(("whole", node))
    return found


def _uses_in(node: ast.AST) -> Iterator[tuple[str, ast.expr, ast.AST]]:
    """Kind of use (empty for none that reads), the container, and the key or the container."""
    if isinstance(node, ast.Subscript):
        yield "item" if isinstance(node.ctx, ast.Load) else "", node.value, node.slice
    elif isinstance(node, ast.Compare):
        for operator, operand in zip(node.ops, node.comparators, strict=True):
            if isinstance(operator, ast.In | ast.NotIn):
                yield "test", operand, operand
    elif isinstance(node, ast.Call):
        yield from _called(node)
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        yield "each", node.iter, node.iter


def _called(node: ast.Call) -> Iterator[tuple[str, ast.expr, ast.AST]]:
    if isinstance(node.func, ast.Attribute):
        is_item = node.func.attr == "get" and bool(node.args)
        yield "item" if is_item else "", node.func.value, node.args[0] if is_item else node
    elif isinstance(node.func, ast.Name) and node.func.id == "len" and node.args:
        yield "test", node.args[0], node.args[0]
