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

// "numpy-2.3.1.dist-info" is numpy 2.3.1; "numpy-2.3.1-py3.11.egg-info", too.
std::string package_of(std::string_view folder) {
  const std::string_view name = folder.substr(0, folder.rfind('.'));
  const std::size_t dash = name.find('-');
  if (dash == std::string_view::npos)
    return std::string(name);
  const std::string_view version = name.substr(dash + 1);
  return std::string(name.substr(0, dash)) + " " + std::string(version.substr(0, version.find("-py")));
}

std::string first_component(std::string_view path) { return std::string(path.substr(0, path.find_first_of("/."))); }

// The folder of `sites` that the path lies in, the innermost; empty where none does.
std::string site_of(const std::set<std::string> &sites, const std::string &path) {
  for (std::string folder = parent_folder(path); folder.size() > 1; folder = parent_folder(folder))
    if (sites.contains(folder))
      return folder;
  return {};
}

} // namespace

bool is_metadata_folder(std::string_view name) { return name.ends_with(".dist-info") || name.ends_with(".egg-info"); }

void read_installed(const FileSystem &files, const std::string &metadata, Installed &installed) {
  const std::string package = package_of(file_name(metadata));
  const std::string site = parent_folder(metadata);
  installed.sites.insert(site);
  if (const Result<std::string> record = files.read(metadata + "/RECORD")) {
    for (const std::string_view line : split(*record, '\n'))
      if (const std::string file = first_field(trim(line)); !file.empty())
        installed.files[absolute_path(file, site)] = package;
  } else if (const Result<std::string> tops = files.read(metadata + "/top_level.txt")) {
    for (const std::string_view line : split(*tops, '\n'))
      if (const std::string_view name = trim(line); !name.empty())
        installed.packages[site + "/" + std::string(name)] = package;
  }
}

std::string Installed::package_of(const std::string &path) const {
  if (const auto file = files.find(path); file != files.end())
    return file->second;
  const std::string site = site_of(sites, path);
  if (site.empty())
    return {};
  const auto top = packages.find(site + "/" + first_component(std::string_view(path).substr(site.size() + 1)));
  return top == packages.end() ? std::string() : top->second;
}

std::string Installed::import_folder_of(const std::string &path) const {
  const std::string site = site_of(sites, path);
  return site.empty() ? std::string() : ringfence::import_folder_of(std::string_view(path).substr(site.size() + 1));
}

std::string import_folder_of(std::string_view path) {
  std::string folder;
  for (std::size_t end = 0; (end = path.find('/')) != std::string_view::npos; path.remove_prefix(end + 1))
    folder += std::string(path.substr(0, end)) + ".";
  return folder;
}

} // namespace ringfence
