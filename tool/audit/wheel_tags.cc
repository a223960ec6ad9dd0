#include "audit/wheel_tags.h"

#include <algorithm>

#include "base/path.h"
#include "base/text.h"

namespace ringfence {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "cp313t" at the head of "313t-x86_64-linux-gnu".
std::string cpython_abi(std::string_view version) {
  std::size_t end = 0;
  while (end < version.size() && is_digit(version[end]))
    ++end;
  if (end == 0)
    return {};
  end += end < version.size() && version[end] == 't';
  return "cp" + std::string(version.substr(0, end));
}

struct Tag {
  std::string_view abi, platform;
};

Tag split_tag(std::string_view tag) {
  const auto parts = split(tag, '-');
  return parts.size() == 3 ? Tag{parts[1], parts[2]} : Tag{};
}

// Whether a file of this format and machine can be meant by a platform tag.
bool fits(std::string_view platform, const AuditedLibrary &library) {
  const std::string_view format = library.format, machine = library.machine;
  const auto has = [&](std::string_view word) { return platform.find(word) != std::string_view::npos; };
  if (platform.starts_with("win"))
    return format == "PE" && (has("arm64")   ? machine == "aarch64"
                              : has("amd64") ? machine == "x86_64"
                                             : machine == "i386");
  if (platform.starts_with("macosx"))
    return format == "Mach-O" && (has("universal") || has(machine == "aarch64" ? "arm64" : machine));
  if (has("linux"))
    return format == "ELF" && (machine == "i386" ? has("i686") : machine == "arm" ? has("armv") : has(machine));
  return true;
}

} // namespace

std::string abi_of_file(std::string_view file) {
  for (const std::string_view part : split(file_name(file), '.')) {
    if (part == "abi3" || part == "abi3t")
      return std::string(part);
    if (part.starts_with("cpython-"))
      return cpython_abi(part.substr(8));
    if (part.starts_with("cp") && part.find('-') != std::string_view::npos)
      return cpython_abi(part.substr(2));
    if (part.starts_with("pypy"))
      return std::string(part.substr(0, part.find('-')));
  }
  return {};
}

std::string abi_of_tags(const std::vector<std::string> &tags) {
  std::string abi;
  for (const std::string &tag : tags) {
    const std::string_view one = split_tag(tag).abi;
    if (one == "none" || (!abi.empty() && one != abi))
      return {};
    abi = one;
  }
  return abi;
}

std::vector<std::string> doubts_of(const Wheel &wheel, const std::vector<AuditedLibrary> &libraries) {
  std::vector<std::string> doubts;
  const std::string abi = abi_of_tags(wheel.tags);
  const bool free =
      std::ranges::any_of(wheel.tags, [](const std::string &tag) { return split_tag(tag).abi.ends_with('t'); });
  for (const AuditedLibrary &library : libraries) {
    if (library.modules.empty())
      continue;
    const std::string &module = library.modules.front().name;
    const std::string own = abi_of_file(library.file);
    if (!own.empty() && !abi.empty() && own != abi && own != "abi3" && own != "abi3t")
      doubts.push_back("is tagged " + abi + ", but " + module + " is a file for " + own +
                       ", which that Python does not import");
    if (!wheel.tags.empty() && std::ranges::none_of(wheel.tags, [&](const std::string &tag) {
          return fits(split_tag(tag).platform, library);
        }))
      doubts.push_back("is tagged " + std::string(split_tag(wheel.tags.front()).platform) + ", but " + module + " is " +
                       library.format + " for " + library.machine);
    for (const BinaryModule &each : library.modules) {
      if (answer(each, library.abi, Profile::free_threaded).outcome != Outcome::gil_on)
        continue;
      if (free)
        doubts.push_back("is tagged for builds without the GIL, but " + each.name + " switches the GIL on");
      else if (wheel.classifier_free_threading)
        doubts.push_back("says that it supports builds without the GIL, but " + each.name + " switches the GIL on");
    }
  }
  return doubts;
}

} // namespace ringfence
