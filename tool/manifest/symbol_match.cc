#include "manifest/symbol_match.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cxxabi.h>
#include <memory>
#include <string_view>

namespace ringfence {
namespace {

std::string demangle(const std::string &symbol) {
  if (!symbol.starts_with("_Z"))
    return symbol;
  int status = 0;
  std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status),
                                                   &std::free);
  return status == 0 ? text.get() : symbol;
}

// "name", "name.12" or "name.lto_priv.0": what GCC makes of a static called `name`.
bool is_numbered(std::string_view symbol, std::string_view name) {
  if (!symbol.starts_with(name))
    return false;
  std::string_view rest = symbol.substr(name.size());
  return rest.empty() || (rest.starts_with('.') && rest.size() > 1);
}

// "scope::function(int)::name", as the demangler writes a function's static.
bool is_static_of(std::string_view symbol, std::string_view function, std::string_view name) {
  if (!symbol.ends_with("::" + std::string(name)))
    return false;
  std::string_view before = symbol.substr(0, symbol.find('('));
  return before == function || before.ends_with("::" + std::string(function));
}

bool names_object(const ReportedObject &object, const std::string &symbol) {
  std::string plain = demangle(symbol);
  const std::string &function = object.subject.function;
  if (function.empty())
    return is_numbered(plain, object.name) || plain == object.subject.name;
  return plain == function + "." + object.name || is_static_of(plain, function, object.name) ||
         (is_numbered(plain, object.name) && plain != object.name);
}

} // namespace

std::vector<std::size_t> matching_symbols(const ReportedObject &object, const std::vector<DataSymbol> &symbols) {
  std::vector<std::size_t> named, of_the_file;
  std::string file = object.place.file.substr(object.place.file.rfind('/') + 1);
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    if (!names_object(object, symbols[i].name))
      continue;
    named.push_back(i);
    if (symbols[i].source.empty() || symbols[i].source == file)
      of_the_file.push_back(i);
  }
  // A header's object lies in units of other names, and link-time optimisation loses the names of units.
  return of_the_file.empty() ? named : of_the_file;
}

} // namespace ringfence
