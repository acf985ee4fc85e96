"""Whether a text is a program's value written out, such as ``[(1, Decimal('3.50'))]``, and not what somebody wrote.

Templates and databases give such texts where a field of an object was meant. What begins like one and is a text, such as
``[Shop] Dear Ali`` or ``{{First Name}}, ...``, is none.
"""

from __future__ import annotations

import ast
import re

#: Things that have no literal: by their place in memory, by their class, or as their own programs write them.
_THING = r"<[^<>]{1,300} at 0x[0-9a-f]+>|<class '[\w.]+'>|<[\w.]+: [^<>]{1,300}>"
_THINGS = re.compile(_THING, re.IGNORECASE)
_WHOLE = re.compile(
    rf"{_THING}|<.{{1,300}} at 0x[0-9a-f]+>+|\[object \w+\]"
    r"|<(?:\w+ )*(?:object|function|method|module|generator|coroutine|memory|Response|Task\w*|DagRun|DAG|XCom\w*|Row\w*)"
    r"\b[^<>]*>"
    r"|(?:OrderedDict|defaultdict|Counter|deque|Decimal|Fraction|UUID|Timestamp|Timedelta|NaT|datetime\.\w+|dict_\w+|Row\w*"
    r"|\w{0,30}XCom\w{0,30}|Series|DataFrame|Index|(?:np|numpy|pd|pandas)\.\w+)[(\[].*[)\]]"
    # These are English, too: "Set (of 5)".
    r"|(?-i:(?:array|bytearray|set|frozenset|range|list|dict|tuple|date|time)\((?:[\d, -]*|[\[({'\"b].*)\))",
    re.DOTALL | re.IGNORECASE,
)
#: An array of numbers as NumPy prints it, without commas.
_NUMBERS = re.compile(r"\[(?:[\s\[\]\d.,+-]|nan|inf|e[+-])*\]")
_BRACKETS = frozenset({("{", "}"), ("[", "]"), ("(", ")")})
_LONGEST_LITERAL = 10_000
#: What is longer is not parsed: no person begins a text so and ends it with the bracket.
_LONG = re.compile(r"""\s*(?:\[\s*[\[({'"<]|\(\s*[\[({'"<]|\{\s*['"]|[\[(]\s*-?\d+\s*,)""")
#: Names that stand for values in Python, NumPy, JSON and JavaScript.
_NAMES = frozenset({
    "nan", "NaN", "NaT", "NA", "inf", "Inf", "Infinity", "null", "true", "false", "undefined", "None",
})  # fmt: skip
#: Inside a text, what no person writes. None and nan may be English or a name, "[9, 10]" and "{1,500}" a person's
#: numbers, and "[]" a box to tick.
_INSIDE = re.compile(
    r"\b(?:Decimal|Fraction|UUID|Timestamp|Timedelta|OrderedDict|defaultdict|ObjectId|SimpleNamespace)\("
    r"|\b(?:datetime|np|numpy|pd|pandas)\.\w{1,40}\(|\bdict_\w{1,10}\(\["
    r"|<NA>|<nil>|<null>|<no value>|<undefined>|\(null\)|\bNaT\b|\bpd\.NA\b|\[object \w+\]|<class '| at 0x[0-9a-f]+>"
    # Bytes: not "Plan b's for boys' school".
    r"""|(?<![\w'"])b(?:'(?!s\b)[^'\n]{0,300}'|"[^"\n]{0,300}")(?!\w)"""
    # A dict or a set, of Python, JSON or JavaScript.
    r"""|\{\s*(?:\w{1,100}\s*:\s*)?['"]"""
    # A list.
    r"""|\[\s{0,3}\(?\s{0,3}(?:'[^'\[\]\n]{0,300}'|"[^"\[\]\n]{0,300}"|None|nan|null|True|False|true|false)\s*[],)]"""
)
#: Without any of these, and without a call, a text holds none of them; most hold none.
_SIGNS = ("<", "[", "{", "b'", 'b"', "NaT", "at 0x", "pd.NA", "(null)")


def holds_written_out(text: str) -> bool:
    """Tell whether a text holds a value as a program writes it, such as ``Decimal('12.50')``, ``b'Ali'`` or ``<NA>``."""
    may = any(sign in text for sign in _SIGNS) or (
        "(" in text and any(before[-1:].isalnum() for before in text.split("(")[:-1])
    )
    return may and _INSIDE.search(text) is not None


def is_written_out(text: str) -> bool:
    """Tell whether the whole of *text* is an object, a container or bytes as a program writes them.

    :param text: without blanks at its ends, and not blank.
    """
    if _WHOLE.fullmatch(text) or (_NUMBERS.fullmatch(text) and re.search(r"\w", text)):
        return True
    bracketed = (text[0], text[-1]) in _BRACKETS
    if len(text) > _LONGEST_LITERAL:
        return bracketed and _LONG.match(text) is not None
    if not bracketed and text[:2] not in ("b'", 'b"') and text[-1] != ")":
        return False
    try:
        node = ast.parse(_THINGS.sub("None", text), mode="eval").body
        return _is_container(node) or _is_call(node)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False


def _is_container(node: ast.AST) -> bool:
    """Whether it is bytes, or a container of values. ``[Shop]`` holds a word and is none, and so is ``{{Name}}``."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, bytes)
    if isinstance(node, ast.Dict):
        # JavaScript writes names as keys. A missing key is "**".
        keys = (key is not None and (isinstance(key, ast.Name) or _is_value(key)) for key in node.keys)
        return all(keys) and all(map(_is_value, node.values))
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        unhashable = isinstance(node, ast.Set) and any(
            isinstance(one, (ast.Set, ast.Dict, ast.List)) for one in node.elts
        )
        return not unhashable and all(map(_is_value, node.elts))
    return False


def _is_value(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id in _NAMES
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, (ast.USub, ast.UAdd)) and _is_value(node.operand)
    if isinstance(node, ast.BinOp):  # a complex number
        return _is_value(node.left) and _is_value(node.right)
    return isinstance(node, ast.Constant) or _is_container(node) or _is_made(node)


def _is_made(node: ast.AST) -> bool:
    """Whether it is a value that a call makes: ``Decimal('3.50')``, ``datetime.date(2026, 1, 1)``, ``Point(x=1)``."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, (ast.Name, ast.Attribute)):
        return False
    return all(map(_is_value, node.args)) and all(
        _is_value(word.value) or isinstance(word.value, (ast.Name, ast.Attribute)) for word in node.keywords
    )


def _is_call(node: ast.AST) -> bool:
    """Whether it is a call that nobody writes by hand: ``Order(id=5)`` and ``Row(['a'])`` are, ``Sale(50)`` may be a text."""
    if not isinstance(node, ast.Call) or not _is_made(node):
        return False
    return bool(node.keywords) or any(
        _is_container(argument)
        or _is_made(argument)
        or (isinstance(argument, ast.Constant) and isinstance(argument.value, str))
        for argument in node.args
    )
