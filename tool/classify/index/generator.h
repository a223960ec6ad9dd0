// Which generator wrote an object, or decided that it exists.
#pragma once

#include <string>

#include "classify/index/program_index.h"

namespace ringfence {

// As the tables name it: "cython"; empty for code written by hand.
std::string generator_of(const ProgramIndex &index, Index object);

// By the file's banner alone; empty where it has none.
std::string generator_of_file(const ProgramIndex &index, Index file);

// Whether the generator decided that the object exists, or the project did, in the generator's language.
bool made_by_generator(const Knowledge &tables, const ReportedObject &object);
bool written_by_project(const Knowledge &tables, const ReportedObject &object);

} // namespace ringfence
