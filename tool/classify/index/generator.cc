#include "classify/index/generator.h"

#include <algorithm>

#include "base/text.h"

namespace ringfence {

namespace {

// Members of what the generator made of the project's own classes: Cython's cdef classes.
bool of_project_struct(const Knowledge &tables, const Object &member) {
  return std::ranges::any_of(tables.generators(), [&](const auto &each) {
    return std::ranges::any_of(each.second.project_names,
                               [&](const std::string &prefix) { return member.record.starts_with(prefix); });
  });
}

} // namespace

std::string generator_of_file(const ProgramIndex &index, Index file) {
  return file < index.program.files.size() ? index.program.files[file].generator : std::string();
}

std::string generator_of(const ProgramIndex &index, Index object) {
  const Object &declared = index.program.objects[object];
  const bool of_project = of_project_struct(index.tables, declared);
  for (const std::string &name : {declared.name, declared.function, of_project ? std::string() : declared.record})
    if (std::string generator = index.tables.generator_of_name(&Generator::names, name); !generator.empty())
      return generator;
  const std::string file = index.place(declared.location).file;
  const std::string by_file = generator_of_file(index, declared.location.file);
  for (const auto &[name, generator] : index.tables.generators()) {
    const auto lies_in = [&](const std::string &header) { return contains(file, header); };
    if (std::ranges::count(generator.macros, declared.macro) > 0 || std::ranges::any_of(generator.headers, lies_in) ||
        (name == by_file && (!generator.mixed || std::ranges::count(generator.file_names, declared.name) > 0)))
      return name;
  }
  return {};
}

bool written_by_project(const Knowledge &tables, const ReportedObject &object) {
  const Generator *known = tables.generator(object.generated_by);
  return known && std::ranges::any_of(known->project_names,
                                      [&](const std::string &prefix) { return object.name.starts_with(prefix); });
}

bool made_by_generator(const Knowledge &tables, const ReportedObject &object) {
  return !object.generated_by.empty() && !written_by_project(tables, object);
}

} // namespace ringfence
