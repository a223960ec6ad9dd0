#include "audit/wheel.h"

#include <algorithm>
#include <memory>

#include <zip.h>

#include "base/path.h"
#include "base/text.h"

namespace ringfence {
namespace {

constexpr std::uint64_t largest_unpacked = std::uint64_t{4} << 30;               // of all that is read
constexpr std::uint64_t largest_library = std::uint64_t{1} << 30;                // as of files that are no archives
constexpr std::uint64_t harmless = std::uint64_t{64} << 20, most_unpacked = 100; // to a byte of the archive
constexpr std::uint64_t largest_metadata = std::uint64_t{16} << 20;

struct Discard {
  void operator()(zip_t *archive) const { zip_discard(archive); }
  void operator()(zip_file_t *file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, Discard>;

Archive open_archive(std::string_view bytes) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t *source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t *archive = source ? zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error) : nullptr;
  if (source && !archive)
    zip_source_free(source);
  zip_error_fini(&error);
  return Archive(archive);
}

// A member of at most `largest` bytes; `left` is what may still be unpacked of the whole archive.
Result<std::string> read_member(zip_t *archive, std::uint64_t index, std::uint64_t size, std::uint64_t largest,
                                std::uint64_t &left) {
  if (size > largest || size > left)
    return fail("it would unpack to " + std::to_string(size >> 20) + " MiB, which no wheel of this size does");
  left -= size;
  const std::unique_ptr<zip_file_t, Discard> file(zip_fopen_index(archive, index, 0));
  std::string bytes(size, '\0');
  const zip_int64_t read = file ? zip_fread(file.get(), bytes.data(), size) : -1;
  if (read < 0 || static_cast<std::uint64_t>(read) != size)
    return fail("a member cannot be unpacked");
  char more;
  if (zip_fread(file.get(), &more, 1) != 0)
    return fail("a member is longer than it says, or damaged");
  return bytes;
}

// The value of the header `name` in metadata: "Name", "Version", "Tag"; all of them where it is repeated.
std::vector<std::string> headers(std::string_view metadata, std::string_view name) {
  std::vector<std::string> values;
  for (const std::string_view line : split(metadata, '\n')) {
    if (trim(line).empty())
      break; // the body
    if (line.starts_with(name) && line.substr(name.size()).starts_with(':'))
      values.emplace_back(trim(line.substr(name.size() + 1)));
  }
  return values;
}

void read_metadata(std::string_view text, Wheel &wheel) {
  const auto names = headers(text, "Name"), versions = headers(text, "Version");
  if (!names.empty() && !versions.empty())
    wheel.package = names.front() + " " + versions.front();
  for (const std::string &classifier : headers(text, "Classifier"))
    wheel.classifier_free_threading |= classifier.starts_with("Programming Language :: Python :: Free Threading") &&
                                       !classifier.ends_with("1 - Unstable");
}

} // namespace

bool is_shared_library(std::string_view name) {
  const std::string_view file = file_name(name);
  return file.ends_with(".so") || file.ends_with(".pyd") || file.ends_with(".dll") || file.ends_with(".dylib") ||
         file.find(".so.") != std::string_view::npos;
}

Result<Wheel> read_wheel(std::string_view bytes,
                         const std::function<void(const std::string &name, std::string_view bytes)> &library) {
  const Archive archive = open_archive(bytes);
  if (!archive)
    return fail("it is no wheel, or it is damaged");
  Wheel wheel;
  std::uint64_t left = std::min(largest_unpacked, harmless + most_unpacked * bytes.size());
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    zip_stat_t stat;
    if (zip_stat_index(archive.get(), static_cast<std::uint64_t>(i), 0, &stat) != 0 || !(stat.valid & ZIP_STAT_NAME) ||
        !(stat.valid & ZIP_STAT_SIZE))
      return fail("an entry of the archive cannot be read");
    const std::string name = stat.name;
    const bool metadata = name.ends_with(".dist-info/METADATA"), tags = name.ends_with(".dist-info/WHEEL");
    if (!metadata && !tags && !is_shared_library(name))
      continue;
    const std::uint64_t largest = metadata || tags ? largest_metadata : largest_library;
    Result<std::string> member = read_member(archive.get(), static_cast<std::uint64_t>(i), stat.size, largest, left);
    if (!member)
      return fail(name + ": " + member.error().message);
    if (metadata)
      read_metadata(*member, wheel);
    else if (tags)
      wheel.tags = headers(*member, "Tag");
    else
      library(name, *member);
  }
  return wheel;
}

} // namespace ringfence
