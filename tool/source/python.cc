#include "source/python.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/path.h"
#include "base/process.h"

namespace ringfence {
namespace {

constexpr const char *question = R"(
import json, os, sys, sysconfig
paths = [sysconfig.get_paths(scheme) for scheme in sysconfig.get_scheme_names() if not scheme.startswith('nt')]
own = sysconfig.get_paths()
venv = os.path.dirname(os.path.dirname(sys.executable)) # -S leaves sys.prefix that of the Python it was made with
if os.path.isfile(os.path.join(venv, 'pyvenv.cfg')):
    paths.insert(0, sysconfig.get_paths('posix_prefix', {'base': venv, 'platbase': venv}))
print(json.dumps({'version': sysconfig.get_python_version(),
                  'includes': [own['include'], own['platinclude']],
                  'packages': [p[key] for p in paths[:1] + [own] + paths for key in ('purelib', 'platlib')]}))
)";

void add_folders(const nlohmann::json &list, const FileSystem &files, std::vector<std::string> &folders) {
  for (const nlohmann::json &entry : list) {
    std::string folder = absolute_path(entry.get<std::string>(), "/");
    if (files.type(folder) == FileType::directory && std::find(folders.begin(), folders.end(), folder) == folders.end())
      folders.push_back(std::move(folder));
  }
}

bool lies_inside(const std::string &program, const std::string &root, const FileSystem &files) {
  const auto resolved = files.real_path(program);
  return path_below(program, root) || (resolved && path_below(*resolved, root));
}

} // namespace

Result<PythonInstallation> find_python(const std::string &executable, const std::string &root,
                                       const FileSystem &files) {
  const std::string name = executable.empty() ? "python3" : executable;
  PythonInstallation python;
  python.executable = find_program(name);
  if (python.executable.empty())
    return fail("found no " + name);
  if (executable.empty() && lies_inside(python.executable, root, files))
    return fail("did not run " + python.executable +
                ", which lies inside the scanned tree (name it with --python to trust it)");
  const auto answer = output_of({python.executable, "-I", "-S", "-c", question}, std::chrono::seconds(20));
  if (!answer)
    return tl::unexpected(answer.error());
  try {
    const auto parsed = nlohmann::json::parse(*answer);
    python.version = parsed.at("version").get<std::string>();
    add_folders(parsed.at("includes"), files, python.includes);
    add_folders(parsed.at("packages"), files, python.packages);
  } catch (const nlohmann::json::exception &) {
    return fail(python.executable + " did not say where its headers are");
  }
  const bool headers = std::any_of(python.includes.begin(), python.includes.end(), [&](const std::string &folder) {
    return files.type(folder + "/Python.h") == FileType::regular;
  });
  if (!headers)
    return fail("the headers of " + python.executable + " are not installed");
  return python;
}

} // namespace ringfence
