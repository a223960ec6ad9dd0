#include "audit/packages.h"

#include "base/path.h"
#include "base/text.h"

namespace ringfence {
namespace {

// The first field of a line of RECORD, a CSV file: quoted where it holds a comma.
std::string first_field(std::string_view line) {
  if (!line.starts_with('"'))
    return std::string(line.substr(0, line.find(',')));
  std::string field;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '"' && (++i >= line.size() || line[i] != '"'))
      break;
    field += line[i];
  }
  return field;
}

// "numpy-2.3.1.dist-info" is numpy 2.3.1.
std::string package_of(std::string_view folder) {
  const std::string_view name = folder.substr(0, folder.rfind(".dist-info"));
  const std::size_t dash = name.rfind('-');
  return dash == std::string_view::npos ? std::string(name)
                                        : std::string(name.substr(0, dash)) + " " + std::string(name.substr(dash + 1));
}

} // namespace

void read_installed(const FileSystem &files, const std::string &dist_info,
                    std::map<std::string, std::string> &packages) {
  const Result<std::string> record = files.read(dist_info + "/RECORD");
  if (!record)
    return;
  const std::string package = package_of(file_name(dist_info));
  const std::string site = parent_folder(dist_info);
  for (const std::string_view line : split(*record, '\n'))
    if (const std::string file = first_field(trim(line)); !file.empty())
      packages[absolute_path(file, site)] = package;
}

} // namespace ringfence
