#include "extract/declarations/allowance_text.h"

#include <llvm/ADT/SmallVector.h>
#include <llvm/Support/JSON.h>

namespace ringfence {

void add_allowances(llvm::StringRef text, const Allowance &about, std::vector<Allowance> &allowances) {
  for (std::size_t place = text.find(allowance_marker); place != llvm::StringRef::npos;
       place = text.find(allowance_marker)) {
    text = text.substr(place + allowance_marker.size());
    llvm::StringRef words = text.take_until([](char c) { return c == '\n' || c == '\r'; });
    words = words.substr(0, words.find("*/")).trim();
    if (!words.consume_front("allow") || !words.starts_with(" "))
      continue;
    auto [rules, reason] = words.ltrim().split(' ');
    rules.consume_back(":");
    llvm::SmallVector<llvm::StringRef> names;
    rules.split(names, ',', -1, /*KeepEmpty=*/false);
    for (llvm::StringRef name : names) {
      allowances.push_back(about);
      allowances.back().rule = llvm::json::fixUTF8(name);
      allowances.back().reason = llvm::json::fixUTF8(reason.trim());
    }
  }
}

} // namespace ringfence
