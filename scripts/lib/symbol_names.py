"""From an ELF symbol to what the source calls it: the naming rules of Clang and of the Itanium C++ ABI."""

import dataclasses
import re
import subprocess

COMPOUND_LITERAL = ".compoundliteral"

# Symbols that no declaration names, by how the compiler spells them (Itanium C++ ABI 5.1.4, LLVM's code generation).
COMPILER_MADE = (
    ("virtual table or VTT", r"_ZT[VTC]"),
    ("type information", r"_ZT[IS]"),
    ("guard variable", r"_ZGV|__tls_guard"),
    ("reference temporary", r"_ZGR"),
    ("exception personality reference", r"DW\.ref\."),
    ("private constant", r"\.L|__const\.|switch\.table\."),
    ("sanitizer or linker symbol", r"__dso_handle|__(asan|tsan|llvm|start|stop)_"),
)


@dataclasses.dataclass(frozen=True)
class SourceName:
    spellings: tuple[str, ...]  # names that the inventory may use
    function: str  # bare name of the enclosing function; empty outside of functions
    one_each: bool  # several symbols of this name are several variables (not so for instances of a template)


def compiler_made(symbol):
    """The rule that says so; None for a variable of the source."""
    return next((rule for rule, pattern in COMPILER_MADE if re.match(pattern, symbol)), None)


def demangle(symbols):
    if not symbols:
        return []
    done = subprocess.run(["llvm-cxxfilt-19"], input="\n".join(symbols), capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def source_name(symbol, demangled, label=None):
    """What the source calls `symbol`. `label` is its name where an asm label replaces the symbol."""
    if symbol.startswith(COMPOUND_LITERAL):
        return SourceName((COMPOUND_LITERAL,), "", True)
    if symbol.startswith("_Z"):
        return cxx_name(demangled)
    if label:
        return SourceName((label,), "", True)
    return c_name(symbol)


def c_name(symbol):
    """"name", or "function.name" for a local; ".N" is added where that is taken already."""
    parts = re.sub(r"\.[0-9]+$", "", symbol).split(".")
    return SourceName((parts[-1], anonymous_union(parts[-1])), parts[0] if len(parts) > 1 else "", True)


def anonymous_union(member):
    """How the inventory names the object behind an anonymous union, whose symbol is that of its first member."""
    return f"(anonymous union of {member})"


def cxx_name(demangled):
    """From "int ns::f<int>(char) const::name": its last component, and the function before it, lambdas passed through."""
    is_template = "<" in re.sub(r"operator(<<|<=>|<=|<)", "", demangled)
    components = split_scopes(re.sub(r"\[abi:\w+\]", "", demangled))
    name = strip_template_arguments(components[-1]).split(" ")[-1] if not components[-1].startswith("[") else components[-1]
    functions = [component for component in components[:-1] if is_function(component)]
    named = [component for component in functions if not is_lambda(components, component)]
    function = bare_function(named[-1]) if named else "(lambda)" if functions else ""
    return SourceName((name, anonymous_union(name)), function, not is_template)


def split_scopes(text):
    """Splits at "::" outside of brackets."""
    components, depth, start, at = [], 0, 0, 0
    while at < len(text):
        operator = re.compile(r"operator(<=>|<<=?|>>=?|->\*?|<=|>=|<|>|\(\)|\[\])").match(text, at)
        if operator:
            at = operator.end()
            continue
        if text[at] in "([{<":
            depth += 1
        elif text[at] in ")]}>":
            depth -= 1
        elif depth == 0 and text.startswith("::", at):
            components.append(text[start:at])
            start = at = at + 2
            continue
        at += 1
    return [*components, text[start:]]


def is_function(component):
    return bool(re.search(r"\)( const| volatile| &&?| noexcept)*$", component)) and component != "(anonymous namespace)"


def is_lambda(components, component):
    before = components[components.index(component) - 1] if component in components[1:] else ""
    return component.startswith("operator()") and bool(re.match(r"'lambda|\$_\d|'block-literal|\{lambda", before))


def bare_function(component):
    """"operator bool", "~T", "f" from "operator bool()", "~T()", "int f<char>(int) const"."""
    operator = re.search(r"operator(\(\)|[^(]*)", component)
    if operator:
        return operator[0].strip()
    return strip_template_arguments(component).partition("(")[0].split(" ")[-1].lstrip("*&")


def strip_template_arguments(text):
    while True:
        stripped = re.sub(r"<[^<>]*>", "", text)
        if stripped == text:
            return text
        text = stripped
