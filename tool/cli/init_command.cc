// `ringfence init`: what a project needs to keep new global state out.
#include <filesystem>
#include <iostream>
#include <sstream>

#include "base/path.h"
#include "base/text.h"
#include "base/write_file.h"
#include "cli/options.h"
#include "cli/output.h"
#include "scan/analysis.h"

namespace ringfence {

// The files of examples/, embedded by cmake/EmbedText.cmake.
const char *example_settings();
const char *example_hook();
const char *example_workflow();
const char *example_gitlab_job();

namespace {

constexpr std::string_view merge_rule = "ringfence.baseline merge=union";

// Writes files of the project and tells of each; what is there already stays as it is.
class Project {
public:
  Project(std::string folder, bool dry_run) : folder_(std::move(folder)), dry_run_(dry_run) {}

  bool has(const std::string &name) const { return files_.type(path(name)) != FileType::missing; }
  std::string path(const std::string &name) const { return folder_ == "." ? name : folder_ + "/" + name; }

  // False where it could not be written.
  bool write(const std::string &name, const std::string &text) {
    if (dry_run_) {
      std::cout << "would write " << path(name) << ":\n" << indented(text);
      return true;
    }
    const Result<std::string> root = files_.real_path(folder_);
    if (!root)
      return failed(root.error());
    make_folder(*root, name);
    if (const auto editable = check_editable(*root + "/" + name, *root); !editable)
      return failed(editable.error());
    if (const auto written = write_file(path(name), text); !written)
      return failed(written.error());
    std::cout << "wrote " << path(name) << "\n";
    return true;
  }

  // The file that is there needs the lines, which only its author can place.
  void add_by_hand(const std::string &name, const std::string &lines) const {
    std::cout << path(name) << " is there and stays as it is; add:\n" << indented(lines);
  }

  void leave(const std::string &name) const { std::cout << "left " << path(name) << " as it is\n"; }

  const FileSystem &files() const { return files_; }

private:
  // The folder of the name, where the one above it is no link; an error shows when the file is written.
  void make_folder(const std::string &root, const std::string &name) const {
    const std::string folder = parent_folder(root + "/" + name), above = parent_folder(folder);
    std::error_code ignored;
    if (files_.real_path(above).value_or("") == above)
      std::filesystem::create_directory(folder, ignored);
  }

  static std::string indented(const std::string &text) {
    std::string all, line;
    for (std::istringstream lines(text); std::getline(lines, line);)
      all += "    " + line + "\n";
    return all;
  }

  static bool failed(const Error &error) {
    report_error(error);
    return false;
  }

  const DiskFileSystem files_;
  const std::string folder_;
  const bool dry_run_;
};

bool add_merge_rule(Project &project) {
  std::string text = project.files().read(project.path(".gitattributes")).value_or("");
  if (text.find(merge_rule) != std::string::npos) {
    project.leave(".gitattributes");
    return true;
  }
  if (!text.empty() && !text.ends_with('\n'))
    text += '\n';
  return project.write(".gitattributes", text + std::string(merge_rule) + "\n");
}

// Without the lines that record a build, where the baseline that is written here is of inferred arguments.
std::string as_read_here(const Project &project, const std::string &example) {
  if (project.has("compile_commands.json"))
    return example;
  std::string text;
  for (const std::string_view line : split(example, '\n'))
    if (line.find("ringfence capture") == std::string_view::npos)
      text.append(line).append("\n");
  text.pop_back(); // split() has a last, empty line
  return text;
}

bool add_workflow(Project &project) {
  const std::string name = ".github/workflows/ringfence.yml";
  if (project.has(name)) {
    project.leave(name);
    return true;
  }
  if (project.has(".gitlab-ci.yml"))
    project.add_by_hand(".gitlab-ci.yml", as_read_here(project, example_gitlab_job()));
  return !project.has(".github") || project.write(name, as_read_here(project, example_workflow()));
}

} // namespace

int run(const InitOptions &options) {
  const std::string &folder = options.analysis.source.path;
  Project project(folder, options.dry_run);
  if (project.files().type(folder) != FileType::directory)
    return report_error(Error{"not a folder: " + folder});
  bool written = true;
  if (!options.analysis.settings.file.empty())
    std::cout << "left " << options.analysis.settings.file << " as it is\n";
  else
    written = project.write("ringfence.toml", example_settings()) && written;
  written = add_merge_rule(project) && written;
  const std::string hook = example_hook();
  if (project.has(".pre-commit-config.yaml"))
    project.add_by_hand(".pre-commit-config.yaml", hook.substr(hook.find("  - repo")));
  else
    written = project.write(".pre-commit-config.yaml", hook) && written;
  written = add_workflow(project) && written;
  if (!written)
    return exit_usage;
  int code = exit_clean;
  if (project.has("ringfence.baseline"))
    project.leave("ringfence.baseline");
  else if (options.dry_run)
    std::cout << "would scan and write " << project.path("ringfence.baseline") << "\n";
  else {
    BaselineOptions baseline;
    baseline.analysis = options.analysis;
    baseline.file = project.path("ringfence.baseline");
    baseline.reason = "there before the first review";
    baseline.merged = true;
    code = run(baseline);
    if (code != exit_clean && code != exit_incomplete)
      return code;
    std::cout << "wrote " << baseline.file << "\n";
  }
  std::cout << "\nnext:\n"
               "  ringfence scan"
            << same_tree(options.analysis, ".")
            << "    what there is, worst first\n"
               "  ringfence gate"
            << same_tree(options.analysis, ".") << (code == exit_incomplete ? " --allow-incomplete" : "")
            << "    passes now; fails on what is new\n";
  return code;
}

} // namespace ringfence
