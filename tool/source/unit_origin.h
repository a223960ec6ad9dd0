#pragma once

namespace ringfence {

// Where a unit's arguments come from. Who only hands one on declares it: `enum class UnitOrigin;`.
enum class UnitOrigin {
  database, // compile_commands.json that the build system or `ringfence capture` wrote
  inferred, // no database: arguments were guessed from the tree
};

} // namespace ringfence
