#include "rewrite/proof.h"

#include <algorithm>

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/SHA256.h>
#include <nlohmann/json.hpp>

#include "base/path.h"
#include "base/strict_json.h"

namespace ringfence {
namespace {

// The last is the proof's own: the claims in the copy that it is about to judge.
constexpr std::string_view good[] = {"proved", "trial"};

std::string sha256_hex(const std::string &text) {
  return llvm::toHex(llvm::SHA256::hash(llvm::arrayRefFromStringRef(text)), true);
}

} // namespace

Result<void> check_proof(const std::string &report, const std::string &file, const std::string &root,
                         const FileSystem &files) {
  const auto error = [&](const std::string &why) { return fail(file + ": " + why); };
  const Result<nlohmann::json> json = parse_json(report);
  if (!json)
    return error(json.error().message);
  const auto digests = json->is_object() ? json->find("migration") : json->end();
  if (!json->is_object() || !json->contains("outcome") || !json->at("outcome").is_string() || digests == json->end() ||
      !digests->is_object() || !digests->contains("files") || !digests->at("files").is_object() ||
      digests->at("files").empty())
    return error("it is no report of ringfence migrate --prove that says which files it is about");
  const std::string outcome = json->at("outcome").get<std::string>();
  if (std::ranges::find(good, outcome) == std::end(good))
    return error("its outcome is \"" + outcome + "\", not \"proved\"");
  for (const auto &[name, digest] : digests->at("files").items()) {
    const Result<std::string> text = files.read(root + "/" + name);
    if (!text || !digest.is_string() || sha256_hex(*text) != digest.get<std::string>())
      return error("it is about another state of " + name + ": prove it again");
  }
  return {};
}

} // namespace ringfence
