// Which package installed a file, by the metadata of an environment (*.dist-info/RECORD and METADATA).
#pragma once

#include <map>
#include <string>

#include "base/file_system.h"

namespace ringfence {

// Adds the files that the package of the folder `dist_info` installed: absolute path to "name version".
void read_installed(const FileSystem &files, const std::string &dist_info,
                    std::map<std::string, std::string> &packages);

} // namespace ringfence
